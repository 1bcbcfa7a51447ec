"""A simulated day of warnings: officers on every level, random answers, dead channels; then every call is audited.

python -m tests.faults.ladder_day [KILLS] [SEED] [--profile zhengzhou]

The database (ANLAN_DATABASE_URL) must be empty but migrated; it is filled. A process of its own plays the day, waking
whenever something is due as the live sweeper does, and is killed KILLS times with -9. The day played twice, undisturbed
and under kills, must end with the same calls.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

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
    for _ in range(8):
        at = START + timedelta(seconds=draw.randrange(23 * 3600))
        alive = tuple(way for way in WAYS if draw.random() < 0.5)
        found += [Act(at, channels=alive), Act(at + timedelta(minutes=draw.randint(5, 50)), channels=WAYS)]
    return sorted(found)


def play(seed: int, hazards: int, divisions: Sequence[str], kept: Path) -> float:
    """Go on with the day from where `kept` says it stands; return the worst lateness of a sweep, s of the day's clock."""
    from anlan.kernel import clock
    from anlan.warning.tasks import next_due, sweep

    draw = random.Random(f"{seed}-{os.getpid()}")  # when we look plays no part in what comes of it
    now, worst = stands(kept) if kept.exists() else (START, 0.0)
    left = [act for act in acts(seed, hazards, divisions) if act.at >= now]
    while now < START + DAY:
        wake = now + timedelta(seconds=draw.randint(1, 900))
        due = next_due()
        if due is not None:
            wake = min(wake, max(due, now) + timedelta(seconds=draw.random()))
        if left:
            wake = min(wake, left[0].at)
        now = max(now, wake)
        with clock.at(now):
            if due is not None and due <= now:
                worst = max(worst, (now - due).total_seconds())
            sweep(now)
            while left and left[0].at <= now:
                _do(seed, left.pop(0))
        half = kept.with_suffix(".new")
        half.write_text(f"{now.isoformat()} {worst}")
        half.replace(kept)
    return worst


def stands(kept: Path) -> tuple[datetime, float]:
    """Return how far the day has come, and the worst lateness so far."""
    moment, worst = kept.read_text().split()
    return datetime.fromisoformat(moment), float(worst)


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


@dataclass
class Outcome:
    """What a day ended with."""

    calls: int = 0
    officers: int = 0
    answers: int = 0
    climbed: int = 0
    worst_s: float = 0.0
    digest: str = ""
    faults: list[str] = field(default_factory=list)


def audited() -> Outcome:
    """Read every call with its journal, and check limits, order and completeness."""
    from anlan.kernel.models import Entry
    from anlan.warning.models import Call, Warning

    told: dict[str, list[tuple[str, datetime, Any]]] = defaultdict(list)
    kinds = ("call.answered", "call.escalated", "call.exhausted")
    for about, kind, at, data in Entry.objects.filter(kind__in=kinds).order_by("id").values_list(
        "about", "kind", "at", "data"
    ):  # fmt: skip
        told[about].append((kind, at, data))
    numbers = dict(Warning.objects.values_list("id", "number"))
    found, whole = Outcome(), hashlib.sha256()
    people: set[Any] = set()
    calls = Call.objects.order_by("warning__number", "post__code", "person_id")
    for call in calls.select_related("post").iterator(2000):
        found.faults += [f"{numbers[call.warning_id]} {call.post.code}: {wrong}" for wrong in _wrong(call, told)]
        found.calls += 1
        found.answers += len(call.answers)
        found.climbed += len(call.attempts) - 1 if call.attempts else 0
        people |= {contact[3] for rung in call.route for contact in rung["contacts"]}
        answers = [[a["content"], a["at"], a["step"], a["holder"], a["late_s"]] for a in call.answers]
        row = [numbers[call.warning_id], call.post.code, call.state, call.step, call.attempts, answers]
        whole.update(json.dumps(row, default=str).encode())
    found.officers, found.digest = len(people), whole.hexdigest()
    return found


def _wrong(call: Any, told: dict[str, list[tuple[str, datetime, Any]]]) -> Iterator[str]:
    """Tell what is wrong with one call: each limit, what ended each step, and that the journal says the same."""
    mine = told.get(f"call:{call.id}", [])
    tries = [tuple(map(datetime.fromisoformat, pair)) for pair in call.attempts]
    replies = [(datetime.fromisoformat(a["at"]), a["content"], a["step"]) for a in call.answers]
    settled = min((at for at, content, _ in replies if content != "cannot"), default=None)
    for number, (placed, due) in enumerate(tries):
        if due - placed != timedelta(seconds=call.route[number]["limit_s"]):
            yield f"step {number} has {due - placed} instead of its limit"
        if settled is not None and placed > settled:
            yield f"step {number} is called at {placed}, after the answer at {settled}"
        if number:
            before = tries[number - 1][1]
            refused = any(at == placed and content == "cannot" and step == number - 1 for at, content, step in replies)
            if placed != before and not (refused and placed < before):
                yield f"step {number} begins at {placed}, the one before ended at {before}"
    climbs = [(at, data["step"]) for kind, at, data in mine if kind == "call.escalated"]
    if climbs != [(placed, number) for number, (placed, _) in enumerate(tries) if number]:
        yield f"the journal tells of {len(climbs)} climbs, the call of {max(len(tries) - 1, 0)}"
    if sum(kind == "call.answered" for kind, _, _ in mine) != len(replies):
        yield "the journal tells of other answers than the call"
    given_up = [at for kind, at, _ in mine if kind == "call.exhausted"]
    late = call.state == "answered" and settled is not None and all(settled >= at for at in given_up)
    if (
        len(given_up) > 1
        or (call.state == "exhausted") > len(given_up)
        or (given_up and call.state != "exhausted" and not late)
    ):
        yield f"it is {call.state}, and the journal gives it up at {given_up}"
    if call.state == "exhausted" and len(tries) != len(call.route):
        yield f"given up after {len(tries)} of {len(call.route)} steps"
    if (settled is not None) != (call.state == "answered"):
        yield f"it is {call.state} with the answers {replies}"


def whole_day(
    folder: Path, *, kills: int, seed: int, hazards: int, divisions: Sequence[str], env: Mapping[str, str]
) -> Outcome:
    """Play the day in processes that are killed, then audit it. hazards: how many kinds are warned of; env: of the
    processes."""
    draw, kept = random.Random(seed), folder / f"day-{kills}"
    words = [sys.executable, "-m", "tests.faults.ladder_day", "--go", str(kept), str(seed), str(hazards), *divisions]
    for number in range(kills):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, env=dict(env))
        until = START + DAY * (number + draw.random()) / (kills + 1)
        while process.poll() is None and (not kept.exists() or stands(kept)[0] < until):
            time.sleep(0.01)
        time.sleep(draw.random() / 10)
        process.kill()
        process.communicate()
    said = subprocess.run(words, stdout=subprocess.PIPE, env=dict(env), check=True).stdout
    found = audited()
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
    """Play one day and print what came of it."""
    import django

    django.setup()
    if words[:1] == ["--go"]:
        print(play(int(words[2]), int(words[3]), words[4:], Path(words[1])))
        return 0
    asked = argparse.ArgumentParser()
    asked.add_argument("kills", type=int, nargs="?", default=0)
    asked.add_argument("seed", type=int, nargs="?", default=7)
    asked.add_argument("--profile", default="zhengzhou")
    given = asked.parse_args(words)
    folder = Path(os.environ["ANLAN_HOME"])
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    counties = begun(given.profile, given.seed)
    found = whole_day(
        folder, kills=given.kills, seed=given.seed, hazards=len(HAZARDS), divisions=counties, env=os.environ
    )
    print(
        f"{found.officers} officers, {found.calls} calls, {found.answers} answers, {found.climbed} climbs;"
        f" sweeps at most {found.worst_s:.3f} s late, {given.kills} kills, {time.monotonic() - began:.0f} s"
    )
    print("digest", found.digest)
    print("\n".join(found.faults[:20]) or "every call holds")
    for wrong, count in Counter(fault.partition(": ")[2][:40] for fault in found.faults).most_common(5):
        print(count, wrong)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
