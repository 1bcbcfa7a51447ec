"""What the benches share: a server of their own, times to figures, figures to a table, the table into docs/performance.md."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anlan.kernel.options import options
from anlan.site.database import prepare
from anlan.site.postgres import Server
from anlan.site.serve import read_run

ROWS = "rows.json"  # what a bench's `parts` leaves in its folder
HEAD = """# Performance

Measured with `./anlan bench NAME --write`; each table says when, on what, and under which load. Bars are those of the
design; a figure nobody measured is not here.
"""


def checkout() -> Path:
    """Return the folder of the sources the bench runs from."""
    return Path(os.environ.get("ANLAN_CHECKOUT", ".")).resolve()


def running_node() -> tuple[Path, dict[str, Any]]:
    """Return home and run.json of the node to measure: that of ANLAN_HOME, else the demo's in the checkout."""
    for home in (Path(options.home).expanduser() if options.home else None, checkout() / ".anlan-home"):
        found = read_run(home) if home else None
        if home and found:
            return home, found
    raise SystemExit("no node runs here; start one with ./anlan demo, or name its home in ANLAN_HOME")


@contextmanager
def own_server() -> Iterator[tuple[Path, dict[str, str]]]:
    """Make a durable server with an empty database for as long as the bench takes: its folder (the home is `home` in
    it), and the environment of a process that works there."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ANLAN_") or k == "ANLAN_CHECKOUT"}
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # the server may run under an account of its own
        server = Server(folder / "home")
        process = server.start()
        try:
            server.wait(process)
            kept |= {"ANLAN_HOME": str(server.home), "ANLAN_DATABASE_URL": prepare(server).owner, "ANLAN_ROLE": "cli"}
            yield folder, {**kept, "DJANGO_SETTINGS_MODULE": "anlan.site.settings"}
        finally:
            server.stop()


def parts_run(bench: str, folder: Path, env: Mapping[str, str], *words: str) -> list[tuple[str, ...]]:
    """Let the bench's file start itself as `parts FOLDER WORDS` on that server; return the rows it left (`rows_leave`)."""
    subprocess.run([sys.executable, bench, "parts", str(folder), *words], env=dict(env), check=True)
    return [tuple(row) for row in json.loads((folder / ROWS).read_text())]


def rows_leave(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    """Leave the rows of a bench's `parts` where `parts_run` finds them."""
    (folder / ROWS).write_text(json.dumps(rows))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of some values; `share` between 0 and 1.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def machine() -> str:
    """Return what the figures were measured on, in one line, without anything that names the machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    total = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model or platform.machine()}), {total / 1024 / 1024:.0f} GiB,"
        f" Python {platform.python_version()}, load {load:.1f}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def table(name: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], *, note: str = "") -> str:
    """Return one bench's section, between markers so that the next run takes its place."""
    parts = [
        f"<!-- bench:{name} -->",
        f"## {title}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · {machine()}",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
        *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
        *(["", note] if note else []),
        f"<!-- /bench:{name} -->",
    ]
    return "\n".join(parts) + "\n"


def put(text: str, section: str, name: str) -> str:
    """Return the performance page with this bench's section in its place (at the end when new)."""
    pattern = re.compile(rf"<!-- bench:{name} -->.*?<!-- /bench:{name} -->\n", re.S)
    if pattern.search(text):
        return pattern.sub(lambda _: section, text)
    return text.rstrip("\n") + "\n\n" + section


def publish(section: str, name: str, *, write: bool) -> None:
    """Print the section; with `write` put it into docs/performance.md too."""
    print(section)  # noqa: T201
    if write:
        path = checkout() / "docs" / "performance.md"
        path.write_text(put(path.read_text("utf-8") if path.exists() else HEAD, section, name), "utf-8")
