"""Memory of each process of a running node: PSS, which counts shared pages once over all who share them."""

from __future__ import annotations

import sys
from pathlib import Path

from anlan.site.bench import publish, running_node, table


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in family(int(child)))]


def pss_mib(pid: int) -> float:
    """Return the proportional memory of one process in MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main(words: list[str]) -> None:
    """Measure the supervisor and every service."""
    _, running = running_node()
    services = {name: int(found["pid"]) for name, found in running["services"].items() if found["pid"]}
    rows = [("supervisor", 1, f"{pss_mib(running['pid']):.0f}")]
    for name, pid in services.items():
        members = family(pid)
        rows.append((name, len(members), f"{sum(pss_mib(member) for member in members):.0f}"))
    rows.append(("**together**", sum(row[1] for row in rows), str(sum(int(row[2]) for row in rows))))
    section = table("memory", "Memory", ("process", "processes", "PSS (MiB)"), rows)
    publish(section, "memory", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
