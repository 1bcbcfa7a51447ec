"""All tests, side by side: as many lines of work as there are processors (two at most), each with a PostgreSQL and a home
of its own, so that nothing one test breaks can be in another's way.

Folders are the unit: what they make for a whole session is made once. Large ones of quick files are cut in pieces.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import IO, NamedTuple

from anlan.site.words import say

LINES = 2
PIECE = 14  # files
CUT = ("territory", "monitoring", "site", "warning")
LONGEST = (
    "browser",
    "faults",
    "readiness",
    "site",
    "territory",
    "monitoring",
    "warning",
)  # begun first, so that none is left over
NO_TESTS = 5


class Part(NamedTuple):
    """Some test files or a folder, by paths from the root."""

    name: str
    paths: tuple[str, ...]


def parts(root: Path) -> list[Part]:
    """Return the tests in parts, those that take longest first."""
    tests = root / "tests"
    folders = sorted(path for path in tests.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
    found = [Part("tests", tuple(str(path.relative_to(root)) for path in sorted(tests.glob("test_*.py"))))]
    for folder in folders:
        files = [str(path.relative_to(root)) for path in sorted(folder.rglob("test_*.py"))]
        if folder.name in CUT:
            pieces = [tuple(files[at : at + PIECE]) for at in range(0, len(files), PIECE)]
            found += [Part(f"{folder.name} {number}", piece) for number, piece in enumerate(pieces, start=1)]
        else:
            found.append(Part(folder.name, (str(folder.relative_to(root)),)))
    rank = {name: place for place, name in enumerate(LONGEST)}
    return sorted((part for part in found if part.paths), key=lambda part: rank.get(part.name.split()[0], len(LONGEST)))


def run(root: Path, database: Iterator[AbstractContextManager[dict[str, str]]]) -> bool:
    """Run every part; print each one's output when it is done. `database` gives a fresh server for each line of work."""
    waiting, failed, told = deque(parts(root)), list[str](), threading.Lock()
    with ExitStack() as stack:
        environments = [stack.enter_context(next(database)) for _ in range(min(LINES, os.cpu_count() or 1))]
        lines = [
            threading.Thread(target=_line, args=(root, environment, waiting, failed, told))
            for environment in environments
        ]
        for line in lines:
            line.start()
        for line in lines:
            line.join()
    if failed:
        say("未通过的测试：" + "、".join(sorted(failed)), "tests that did not hold: " + ", ".join(sorted(failed)))
    return not failed


def _line(
    root: Path, environment: Mapping[str, str], waiting: deque[Part], failed: list[str], told: threading.Lock
) -> None:
    while True:
        try:
            part = waiting.popleft()
        except IndexError:
            return
        begun = time.monotonic()
        with tempfile.TemporaryFile() as output:
            code = _pytest(root, environment, part.paths, output)
            if code not in (0, NO_TESTS):
                failed.append(part.name)
            with told:
                output.seek(0)
                sys.stdout.flush()
                sys.stdout.buffer.write(output.read())
                sys.stdout.buffer.flush()
                took = time.monotonic() - begun
                say(f"测试 {part.name}（{took:.0f} 秒）", f"tests of {part.name} ({took:.0f} s)")


def _pytest(root: Path, environment: Mapping[str, str], paths: Iterable[str], output: IO[bytes]) -> int:
    words = [sys.executable, "-m", "pytest", "--reuse-db", *paths]
    return subprocess.run(words, cwd=root, env=dict(environment), stdout=output, stderr=subprocess.STDOUT).returncode
