"""A register of production units from a spreadsheet into the database: wall time and memory of the whole process tree.

In the same run: reading the file alone, and PostgreSQL's raw COPY of the same columns into a table without indexes.

    ./anlan bench imports [FILE.xlsx] [--write]      the database needs the divisions of the file
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from pyarrow import csv as arrow_csv

from anlan.site.bench import publish, table

ROWS = 667_000
LOOK_S = 0.05
BAR_S, BAR_MB = 60, 2048


class Watch(threading.Thread):
    """Looks at a process and all its descendants, and keeps the largest sum of resident memory."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.end = pid, 0.0, threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self.end.wait(LOOK_S):
            self.peak = max(self.peak, sum(resident_mb(pid) for pid in family(self.pid)))


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in family(int(child)))]


def resident_mb(pid: int) -> float:
    """Return the resident memory of one process in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def watched(command: Sequence[str]) -> tuple[float, float, str]:
    """Run a command; return seconds, peak memory of its tree in MB, and what it printed."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    watch = Watch(child.pid)
    watch.start()
    said, _ = child.communicate()
    watch.end.set()
    watch.join()
    return time.perf_counter() - started, watch.peak, said


def anlan(*words: str) -> list[str]:
    """Return the command line of one `anlan` command."""
    return [sys.executable, "-m", "anlan.site.cli", *words]


READ = """
import sys, json
from pathlib import Path
from anlan.territory.sources.reading import read_file
print(json.dumps(read_file(Path(sys.argv[1]), Path(sys.argv[2]), register="units", kind="xlsx", options={}, memory_mb=0)["rows"]))
"""


def raw_copy(columns: Path) -> float:
    """Return the seconds PostgreSQL takes to COPY the file's columns, as text, into a bare table."""
    reader = pa.ipc.open_file(pa.OSFile(str(columns), "rb"))
    names = reader.schema.names
    with psycopg.connect(os.environ["ANLAN_DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare ({', '.join(f'{name} text' for name in names)}) ON COMMIT DROP")
        started = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv)") as copy:
            for place in range(reader.num_record_batches):
                sink = pa.BufferOutputStream()
                arrow_csv.write_csv(
                    pa.Table.from_batches([reader.get_batch(place)]), sink, arrow_csv.WriteOptions(include_header=False)
                )
                copy.write(sink.getvalue().to_pybytes())
        return time.perf_counter() - started


def units_there() -> int:
    """Return how many units the database holds."""
    with psycopg.connect(os.environ["ANLAN_DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM territory_unit").fetchone()
    return int(found[0]) if found else 0


def measure(file: Path, folder: Path) -> list[tuple[Any, ...]]:
    """Read, copy, import, and import again; returns the rows of the table."""
    seconds, peak, said = watched([sys.executable, "-c", READ, str(file), str(folder / "columns.arrow")])
    rows = int(said)
    lines: list[tuple[Any, ...]] = [
        ("reading alone", f"{rows:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}", f"{peak:.0f}", "")
    ]
    seconds = raw_copy(folder / "columns.arrow")
    lines.append(("raw COPY into a bare table", f"{rows:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}", "", ""))
    for title in ("import into an empty register", "the same file again"):
        seconds, peak, said = watched(anlan("import", "units", str(file), "--json"))
        counts = json.loads(said)["counts"]
        what = ", ".join(f"{counts[name]:,} {name}" for name in ("new", "changed", "same", "bad"))
        bar = f" (bar {BAR_S})" if title.startswith("import") else ""
        lines.append(
            (title, f"{rows:,}", f"{seconds:.1f}{bar}", f"{rows / seconds:,.0f}", f"{peak:.0f} (bar {BAR_MB})", what)
        )
    return lines


def main(words: list[str]) -> None:
    """Measure with a file that is there, or one made for it."""
    if not os.environ.get("ANLAN_DATABASE_URL"):
        raise SystemExit("name a database in ANLAN_DATABASE_URL: one with divisions and without units")
    if units_there():
        raise SystemExit("the register holds units already; take a database without")
    given = [word for word in words if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = Path(given[0]) if given else folder / "units.xlsx"
        if not given:
            watched(anlan("generate", "--profile", "heze", "--units", str(ROWS), "--file", str(file)))
        lines = measure(file, folder)
    heads = ("what", "rows", "seconds", "rows a second", "peak memory, MB", "outcome")
    note = "Memory: resident, of the command and the reader's process together; PostgreSQL's own apart."
    publish(
        table("imports", "Import of production units from Excel", heads, lines, note=note),
        "imports",
        write="--write" in words,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
