"""The 36 hours of the storm flat out: seconds, peak memory, and whether the same seed gives the same journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from anlan.site.bench import checkout, publish, table

SEEDS = (7, 7, 8)


def run(home: Path, seed: int, report: Path) -> tuple[float, float, dict[str, Any]]:
    """Run one drill; return seconds, peak memory of its Python process in MiB, and its report."""
    env = {**os.environ, "ANLAN_HOME": str(home)}
    command = [
        checkout() / "anlan",
        "drill",
        "zhengzhou-2021",
        "--seed",
        str(seed),
        "--speed",
        "max",
        "--report",
        report,
    ]
    began = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], env=env, stdout=sys.stderr)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mib(process.pid))
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(f"the drill failed with code {process.returncode}")
    return time.monotonic() - began, peak, json.loads(report.read_text("utf-8"))


def _peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def main(words: list[str]) -> None:
    """Run three drills and compare their journals."""
    rows, digests = [], []
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)
        for number, seed in enumerate(SEEDS):
            seconds, peak, report = run(Path(folder) / "home", seed, Path(folder) / f"r{number}.json")
            digests.append(report["journal"]["digest"])
            counts, latency = report["counts"], report["warning_to_response_minutes"]
            rows.append(
                (seed, f"{seconds:.1f}", f"{peak:.0f}", counts["calls"], counts["answers"], report["journal"]["head"],
                 latency["as_it_happened"], (latency["as_anlan_proposes"] or {}).get("proposal"), digests[-1][-12:])
            )  # fmt: skip
    same, other = digests[0] == digests[1], digests[0] != digests[2]
    heads = ("seed", "seconds (bar 120)", "peak MiB", "people called", "answers", "journal entries",
             "red → level I in 2021 (min)", "red → proposal (min)", "journal ends in")  # fmt: skip
    note = f"Same seed, same journal: {'yes' if same else 'NO'}. Another seed, another journal: {'yes' if other else 'NO'}."
    publish(table("drill", "The storm, flat out", heads, rows, note=note), "drill", write="--write" in words)
    if not (same and other):
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
