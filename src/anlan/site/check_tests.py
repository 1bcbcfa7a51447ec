"""All checks, side by side: as many lines of work as there are processors (four at most), each with a PostgreSQL and a home
of its own, so that nothing one test breaks can be in another's way.

What hangs is ended, with the stacks of its threads: a test by pytest (`faulthandler_timeout`), a whole piece here.
What takes longest begins first, so that the lines end together. A folder of tests is cut into pieces; what its files make
for a whole session is made once in each.
"""

from __future__ import annotations

import os
import signal
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

LINES = 4  # at most; not more than processors
PIECE_S = 150.0
USUAL_S, START_S = 4.0, 4.0
# Seconds that files took which take long, beside another line of work; only the order and the pieces hang on them.
SECONDS = {
    "tests/browser/test_call_board.py": 60.0,
    "tests/browser/test_call_desk.py": 30.0,
    "tests/browser/test_command.py": 30.0,
    "tests/browser/test_drafts.py": 25.0,
    "tests/browser/test_drafts_hands.py": 60.0,
    "tests/browser/test_duty.py": 50.0,
    "tests/browser/test_incidents.py": 20.0,
    "tests/browser/test_levels.py": 20.0,
    "tests/browser/test_live.py": 30.0,
    "tests/browser/test_monitoring_pages.py": 50.0,
    "tests/browser/test_monitoring_signals.py": 45.0,
    "tests/browser/test_orders.py": 90.0,
    "tests/browser/test_pages.py": 70.0,
    "tests/browser/test_papers.py": 80.0,
    "tests/browser/test_push.py": 40.0,
    "tests/browser/test_registers.py": 55.0,
    "tests/browser/test_reporting.py": 80.0,
    "tests/browser/test_rings.py": 15.0,
    "tests/browser/test_ways.py": 30.0,
    "tests/faults/test_import_kill.py": 60.0,
    "tests/faults/test_kill_storm.py": 110.0,
    "tests/faults/test_ladder_day.py": 60.0,
    "tests/faults/test_monitoring_kill.py": 130.0,
    "tests/faults/test_power_cut.py": 25.0,
    "tests/faults/test_senders_kill.py": 35.0,
    "tests/faults/test_resent_kill.py": 45.0,
    "tests/readiness/test_drill.py": 40.0,
    "tests/response/test_pages_of_lists.py": 40.0,
    "tests/response/test_sent_twice.py": 15.0,
    "tests/site/test_backup.py": 30.0,
    "tests/site/test_cli.py": 30.0,
    "tests/site/test_idempotency.py": 25.0,
    "tests/site/test_openapi_fuzz.py": 150.0,
    "tests/site/test_postgres.py": 40.0,
    "tests/site/test_scope_routes.py": 85.0,
    "tests/territory/test_ogc.py": 35.0,
    "tests/faults/test_jetstream_leader.py": 50.0,
    "tests/site/test_up.py": 60.0,
}
# Browser tests that stand on the county without an exercise; the others stand on the storm. Either is laid down once.
COUNTY = ("call_desk", "duty", "incidents", "orders", "push", "reporting", "rings", "ways")
NO_TESTS = 5
# Many times what a piece takes on a busy machine: only what would never end is ended.
LIMIT_S, LAST_WORDS_S = 1500.0, 10.0


class Job(NamedTuple):
    """One thing to check: a command, where it runs, and about how long it takes."""

    name: str
    words: tuple[str, ...]
    folder: Path
    seconds: float


def jobs(root: Path) -> list[Job]:
    """Return the tests in pieces."""
    folders: dict[str, list[str]] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root / "tests").parts[0] if path.parent != root / "tests" else "tests"
        if name == "browser":
            name = "browser, county" if path.stem.removeprefix("test_") in COUNTY else "browser, storm"
        folders.setdefault(name, []).append(str(path.relative_to(root)))
    found = []
    for name, files in folders.items():
        pieces = list(cut(files))
        for number, piece in enumerate(pieces, start=1):
            title = f"{name} {number}" if len(pieces) > 1 else name
            words = (sys.executable, "-m", "pytest", "--durations=12", "--durations-min=5", *piece)
            found.append(Job(title, words, root, START_S + sum(SECONDS.get(file, USUAL_S) for file in piece)))
    return found


def cut(files: Iterable[str]) -> Iterator[list[str]]:
    """Yield the files in order, in pieces that take about PIECE_S at most."""
    piece, total = list[str](), 0.0
    for file in files:
        took = SECONDS.get(file, USUAL_S)
        if piece and total + took > PIECE_S:
            yield piece
            piece, total = [], 0.0
        piece, total = [*piece, file], total + took
    if piece:
        yield piece


def run(found: Iterable[Job], database: Iterator[AbstractContextManager[dict[str, str]]]) -> list[str]:
    """Do every job, the longest first; print each one's output when it is done. Returns the names of those that failed.
    `database` gives a fresh server for each line of work."""
    waiting = deque(sorted(found, key=lambda job: -job.seconds))
    failed, told = list[str](), threading.Lock()
    with ExitStack() as stack:
        laid = stack.enter_context(tempfile.TemporaryDirectory(prefix="anlan-laid-"))
        Path(laid).chmod(0o711)  # servers in it run under an account of their own
        environments = [stack.enter_context(next(database)) for _ in range(min(LINES, os.cpu_count() or 1))]
        for number, environment in enumerate(environments):
            environment |= {"ANLAN_TEST_LAID": laid, "ANLAN_TEST_LINE": str(number)}
        lines = [
            threading.Thread(target=_line, args=(environment, waiting, failed, told)) for environment in environments
        ]
        for line in lines:
            line.start()
        for line in lines:
            line.join()
    return sorted(failed)


def _line(environment: Mapping[str, str], waiting: deque[Job], failed: list[str], told: threading.Lock) -> None:
    while True:
        try:
            job = waiting.popleft()
        except IndexError:
            return
        begun = time.monotonic()
        with told:
            say(f"{job.name} 开始", f"{job.name} begins")
        with tempfile.TemporaryFile() as output:
            code = _done(job, environment, output)
            holds = code == 0 or (code == NO_TESTS and "pytest" in job.words)
            if not holds:
                failed.append(job.name)
            with told:
                output.seek(0)
                sys.stdout.flush()
                sys.stdout.buffer.write(output.read())
                sys.stdout.buffer.flush()
                took = time.monotonic() - begun
                say(
                    f"{job.name} {'通过' if holds else '未通过'}（{took:.0f} 秒）",
                    f"{job.name} {'holds' if holds else 'FAILS'} ({took:.0f} s)",
                )


def _done(job: Job, environment: Mapping[str, str], output: IO[bytes]) -> int:
    words = {**environment, "PYTHONFAULTHANDLER": "1"}  # so that it tells where it stood when we end it
    process = subprocess.Popen(job.words, cwd=job.folder, env=words, stdout=output, stderr=subprocess.STDOUT)
    try:
        return process.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        try:
            return process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
