"""A simulated day of warnings: officers on every level, random answers, dead channels; then every call is audited.

python -m tests.faults.ladder_day [KILLS] [SEED] [--profile zhengzhou]

Two days are played on an embedded PostgreSQL of its own: one undisturbed, one with KILLS times kill -9, of the process
that plays the day and of PostgreSQL in turn. That process wakes whenever something is due, as the live sweeper does.
Both days must end with the same calls, and each call must be as `ladder_model` works it out without our code.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.faults.ladder_audit import Outcome, audited
from tests.faults.ladder_database import Database

START = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # midnight in Beijing
DAY = timedelta(hours=24)
HAZARDS = ("11B03", "11B06", "11B14", "11B15", "11A01", "11D01")
PEOPLE = {"default": {"answer": 0.7, "median_s": 240, "sigma": 1.1}, "contents": {
    "received": 0.5, "acting": 0.35, "need_help": 0.07, "cannot": 0.08}}  # fmt: skip
WAYS = ("voice", "sms", "app")
SECOND = timedelta(seconds=1)
COUNTY = 6  # digits of a county's code


class Act(NamedTuple):
    """What somebody outside the ladder does: a warning is issued, or channels die and come back."""

    at: datetime
    warning: tuple[str, str, str] | None = None  # hazard, colour, division
    channels: tuple[str, ...] = ()


def acts(seed: int, hazards: int, divisions: Sequence[str]) -> list[Act]:
    """Return what happens on this day, in order: each division and hazard warned of at most once."""
    draw = random.Random(seed)
    found = []
    for hazard in HAZARDS[:hazards]:
        for division in divisions:
            if draw.random() < 0.5:
                colour = draw.choices(("red", "orange", "yellow"), (5, 3, 2))[0]
                at = START + timedelta(seconds=draw.randrange(20 * 3600))
                found.append(Act(at, (hazard, colour, division)))
    for number in range(8):
        at = START + timedelta(seconds=draw.randrange(23 * 3600))
        alive = tuple(way for way in WAYS if number % 4 and draw.random() < 0.5)  # now and then none at all
        found += [Act(at, channels=alive), Act(at + timedelta(minutes=draw.randint(5, 50)), channels=WAYS)]
    return sorted(found)


class Stand(NamedTuple):
    """How far the day has come: its clock, the worst lateness so far in seconds, and the last entry looked at."""

    now: datetime
    worst_s: float
    entry: int


def play(seed: int, hazards: int, divisions: Sequence[str], kept: Path) -> float:
    """Go on with the day from where `kept` says it stands; return the worst lateness, s of the day's clock.

    What is kept is where the clock stands BEFORE anything is done there: who is killed does the same moment again.
    """
    from anlan.kernel import clock
    from anlan.warning.tasks import next_due, sweep

    draw = random.Random(f"{seed}-{os.getpid()}")  # when we look plays no part in what comes of it
    stand = stands(kept) if kept.exists() else Stand(START, 0.0, 0)
    left = [act for act in acts(seed, hazards, divisions) if act.at >= stand.now]
    while True:
        with clock.at(stand.now):
            sweep(stand.now)
            while left and left[0].at <= stand.now:
                _do(seed, left.pop(0))
        worst, entry = _lateness(stand)
        if stand.now >= START + DAY:
            return max(worst, stand.worst_s)
        wake = stand.now + timedelta(seconds=draw.randint(1, 900))
        due = next_due()
        if due is not None:
            wake = min(wake, max(due, stand.now) + timedelta(seconds=draw.random()))
        wake = min(wake, left[0].at if left else START + DAY, START + DAY)
        stand = Stand(max(wake, stand.now), max(worst, stand.worst_s), entry)
        _keep(kept, stand)


def _lateness(stand: Stand) -> tuple[float, int]:
    """How late what has just been written is by the day's clock, and the last entry: read from the journal, and from
    what should be there and is not."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(at) FILTER (WHERE kind IN ('call.escalated', 'call.exhausted', 'call.answered')), max(id)"
            " FROM kernel_entry WHERE id > %s", [stand.entry])  # fmt: skip
        oldest, last = cursor.fetchone()
        cursor.execute("SELECT min(due_at) FROM warning_call WHERE due_at <= %s", [stand.now])
        (undone,) = cursor.fetchone()
    found = [moment for moment in (oldest, undone) if moment is not None]
    return max(((stand.now - moment).total_seconds() for moment in found), default=0.0), last or stand.entry


def stands(kept: Path) -> Stand:
    """Return how far the day has come."""
    moment, worst, entry = kept.read_text().split()
    return Stand(datetime.fromisoformat(moment), float(worst), int(entry))


def _keep(kept: Path, stand: Stand) -> None:
    half = kept.with_suffix(".new")
    half.write_text(f"{stand.now.isoformat()} {stand.worst_s} {stand.entry}")
    half.replace(kept)


def _do(seed: int, act: Act) -> None:
    """Do it unless it was done before we were killed."""
    from anlan.kernel.actor import Actor
    from anlan.warning.models import Warning
    from anlan.warning.services import loopback_configure, warning_issue

    by = Actor.scenario("day")
    if act.warning is None:
        loopback_configure(by=by, seed=seed, channels=act.channels, people=PEOPLE, at=act.at)
        return
    hazard, colour, division = act.warning
    if not Warning.objects.filter(hazard=hazard, division=division).exists():
        warning_issue(
            by=by, hazard=hazard, colour=colour, area=[division], expires=act.at + timedelta(hours=4), at=act.at
        )


def whole_day(
    folder: Path,
    *,
    kills: int,
    seed: int,
    hazards: int,
    divisions: Sequence[str],
    env: Mapping[str, str],
    fell: Callable[[], None] | None = None,
) -> Outcome:
    """Play the day in processes that are killed, then audit it. hazards: how many kinds are warned of; env: of the
    processes; fell: kills the database and brings it back (every other kill, where it is given)."""
    from django.db import connection

    draw, kept = random.Random(seed), folder / f"day-{kills}"
    words = [sys.executable, "-m", "tests.faults.ladder_day", "--go", str(kept), str(seed), str(hazards), *divisions]
    for number in range(kills):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(env))
        until = START + DAY * (number + draw.random()) / (kills + 1)
        while process.poll() is None and (not kept.exists() or stands(kept).now < until):
            time.sleep(0.01)
        time.sleep(draw.random() / 10)
        if fell is not None and number % 2:
            fell()
        process.kill()
        process.communicate()
        print(f"killed {'PostgreSQL' if fell is not None and number % 2 else 'the worker'}"
              f" at {stands(kept).now:%H:%M:%S} of the day", file=sys.stderr, flush=True)  # fmt: skip
    said = subprocess.run(words, stdout=subprocess.PIPE, env=dict(env), check=True).stdout
    connection.close()
    found = audited(acts(seed, hazards, divisions), until=START + DAY, seed=seed, people=PEOPLE, ways=WAYS)
    found.worst_s = float(said)
    return found


def begun(profile: str, seed: int) -> list[str]:
    """Fill the empty database with a territory and people who answer; return its counties."""
    from anlan.kernel import clock
    from anlan.kernel.actor import Actor
    from anlan.territory.models import Division
    from anlan.territory.services import generate
    from anlan.warning.services import loopback_configure

    with clock.at(START - SECOND):
        generate(profile, seed)
        loopback_configure(by=Actor.scenario("day"), seed=seed, channels=WAYS, people=PEOPLE, at=START - SECOND)
    return sorted(code for code in Division.objects.values_list("code", flat=True) if len(code) == COUNTY)


def main(words: Sequence[str]) -> int:
    """Play the two days and print what came of them."""
    import django

    if words[:1] == ["--go"]:
        django.setup()
        print(play(int(words[2]), int(words[3]), words[4:], Path(words[1])))
        return 0
    asked = argparse.ArgumentParser()
    asked.add_argument("kills", type=int, nargs="?", default=0)
    asked.add_argument("seed", type=int, nargs="?", default=7)
    asked.add_argument("--profile", default="zhengzhou")
    given = asked.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="anlan-day-"))
    folder.chmod(0o711)
    wrong, digests = False, set()
    with Database(folder / "home") as database:
        divisions: list[str] = []
        for kills in sorted({0, given.kills}):
            began = time.monotonic()
            env = database.use(f"day_{kills}", like="day_0" if divisions else "")
            divisions = divisions or database.filled(partial(begun, given.profile, given.seed))
            found = whole_day(
                folder, kills=kills, seed=given.seed, hazards=len(HAZARDS), divisions=divisions, env=env,
                fell=database.fall,
            )  # fmt: skip
            say(found, kills, time.monotonic() - began)
            wrong |= bool(found.faults) or found.worst_s > 1.0
            digests.add(found.digest)
    if len(digests) > 1:
        print("THE DAYS DIFFER")
    return 1 if wrong or len(digests) > 1 else 0


def say(found: Outcome, kills: int, seconds: float) -> None:
    """Print one day's outcome."""
    levels = ", ".join(f"{count} {level}" for level, count in sorted(found.levels.items()))
    print(
        f"{kills} kills: {found.warnings} warnings, {found.officers} officers ({levels}), {found.calls} calls,"
        f" {found.answers} answers, {found.climbed} climbs, {found.unrung} steps rung over dead channels;"
        f" at most {found.worst_s:.3f} s late; {seconds:.0f} s, load {os.getloadavg()[0]:.1f}"
    )
    print("digest", found.digest)
    print("\n".join(found.faults[:20]) or "every call is as it should be", flush=True)
    for fault, count in Counter(fault.partition(": ")[2][:40] for fault in found.faults).most_common(5):
        print(count, fault)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
