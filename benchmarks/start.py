"""Seconds from `./anlan demo` to a served console: from nothing, then with a warm environment and a fresh home, then again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from anlan.site.bench import checkout, publish, table

PATIENCE_S = 600


def start_once(root: Path, env: dict[str, str]) -> tuple[float, float]:
    """Start the demo, wait for its address and for the page behind it; return both times in seconds, then stop it."""
    began = time.monotonic()
    demo = subprocess.Popen([root / "anlan", "demo"], env=env, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        address = ""
        while not address.startswith("http"):
            line = demo.stdout.readline()
            if not line or time.monotonic() - began > PATIENCE_S:
                raise SystemExit("the demo did not come up; see the lines above")
            address = line.strip()
        announced = time.monotonic() - began
        with urllib.request.urlopen(address, timeout=30) as page:
            page.read()
        return announced, time.monotonic() - began
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)


def main(words: list[str]) -> None:
    """Copy the checkout without what was built, and start it three times."""
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        root = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", checkout(), root], check=True)
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)  # the database runs as an ordinary account and must reach its home
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANLAN_", "PYTHON", "VIRTUAL_ENV"))}
        rows = []
        for name, bar in (("from a fresh clone", "90"), ("a new storm, installed", ""), ("again", "5")):
            if name == "a new storm, installed":
                shutil.rmtree(root / ".anlan-home", ignore_errors=True)
            announced, served = start_once(root, kept)
            rows.append((name, f"{announced:.1f}", f"{served:.1f}", bar))
    heads = ("start", "address printed (s)", "first page served (s)", "bar (s)")
    section = table(
        "start", "Start", heads, rows, note="Package downloads are part of the first row; their speed is the network's."
    )
    publish(section, "start", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
