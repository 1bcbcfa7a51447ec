"""Holds a day of calls against the model: every call, every ring, every mass event."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.faults import ladder_model as model

PACK = Path(__file__).parents[2] / "src/anlan/warning/rules/ladder.yaml"
LASTS = timedelta(hours=4)
POSTS = """
SELECT p.code, p.role, p.division, coalesce(l.kind, ''), coalesce(a.person_id::text, ''), coalesce(b.person_id::text, ''),
  coalesce(s.code, '')
FROM territory_post p LEFT JOIN territory_place l ON l.id = p.place_id LEFT JOIN territory_post s ON s.id = p.superior_id
LEFT JOIN territory_appointment a ON a.post_id = p.id AND a.holder = 'A' AND a.valid_to IS NULL
LEFT JOIN territory_appointment b ON b.post_id = p.id AND b.holder = 'B' AND b.valid_to IS NULL
"""
CALLS = """
SELECT w.number, c.id::text, coalesce(c.person_id::text, 'vacant ' || p.code), c.state, c.level
FROM warning_call c JOIN warning_warning w ON w.id = c.warning_id JOIN territory_post p ON p.id = c.post_id
"""
TOLD = """
SELECT about, kind, at, data FROM kernel_entry
WHERE kind IN ('call.answered', 'call.escalated', 'call.visit_asked', 'call.exhausted') ORDER BY id
"""
MASS = """
SELECT w.number, e.kind, e.at, e.data FROM kernel_entry e JOIN warning_warning w ON w.id::text = e.data ->> 'warning'
WHERE e.kind IN ('warning.issued', 'calls.placed', 'calls.closed') ORDER BY e.id
"""
REPLIES = "SELECT call_id::text, due_at, person::text, content, step FROM warning_loopback"


@dataclass
class Outcome:
    """What a day ended with. officers: persons called at any step; levels: persons called first, by level; unrung: steps
    whose channels were all dead; worst_s: the worst lateness by the day's clock."""

    warnings: int = 0
    calls: int = 0
    officers: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    climbed: int = 0
    unrung: int = 0
    worst_s: float = 0.0
    digest: str = ""
    faults: list[str] = field(default_factory=list)


@dataclass
class Warned:
    """One warning of the day, as the plan has it, with the calls the model expects."""

    number: str
    hazard: str
    colour: str
    at: datetime
    ways: list[str]
    steps: dict[str, list[model.Step]]
    courses: dict[str, model.Course] = field(default_factory=dict)
    idents: dict[str, str] = field(default_factory=dict)


def audited(
    acts: Sequence[Any], *, until: datetime, seed: int, people: Mapping[str, Any], ways: Sequence[str]
) -> Outcome:
    """Read the calls and the journal, and say everything that is not as the model has it."""
    roster = model.Roster([model.Post(*row) for row in _rows(POSTS)], yaml.safe_load(PACK.read_text("utf-8")))
    alive = [(acts[0].at - LASTS, tuple(ways))] + [(act.at, act.channels) for act in acts if act.warning is None]
    found = Outcome()
    warned = _warned(acts, roster, alive, found)
    said, told = defaultdict(list), defaultdict(list)
    for call, at, person, content, step in _rows(REPLIES):
        said[call].append(model.Said(at, person, content, step))
    for about, kind, at, data in _rows(TOLD):
        told[about.removeprefix("call:")].append(model.told_by(kind, at, _data(data)))
    whole = hashlib.sha256()
    for number, ident, person, state, level in sorted(_rows(CALLS), key=lambda row: (row[0], row[2])):
        mine = warned.get(number)
        steps = mine.steps.get(person) if mine else None
        if mine is None or steps is None or person in mine.idents:
            found.faults.append(f"{number} {person}: should not have been called, or not again")
            continue
        mine.idents[person] = ident
        course = model.course(steps, mine.at, mine.at + LASTS, until, said.pop(ident, []))
        mine.courses[person] = course
        journal = told.pop(ident, [])
        found.faults += [f"{number} {person}: {wrong}" for wrong in model.differences(course, journal, state)]
        _count(found, course, journal, level)
        whole.update(json.dumps([number, person, state, journal], default=str).encode())
    found.faults += [f"{ident}: answers or entries of no call" for ident in {*said, *told}]
    found.faults += _mass_wrong(warned)
    for each in warned.values():
        found.faults += _rung_wrong(each, alive, seed, people, found)
    found.officers = len(
        {who.person for w in warned.values() for steps in w.steps.values() for s in steps for who in s.who}
    )
    found.digest = whole.hexdigest()
    return found


def _rows(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _data(data: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(data) if isinstance(data, str) else data
    return found


def _alive(alive: Sequence[tuple[datetime, tuple[str, ...]]], at: datetime) -> tuple[str, ...]:
    return max((step for step in alive if step[0] <= at), key=lambda step: step[0])[1]


def _warned(acts: Sequence[Any], roster: model.Roster, alive: Any, found: Outcome) -> dict[str, Warned]:
    """The warnings of the plan by their numbers, which the journal tells; and whether it tells of each just once."""
    numbers = defaultdict(list)
    for number, kind, at, data in _rows(MASS):
        if kind == "warning.issued":
            numbers[at, _data(data)["hazard"], tuple(_data(data)["area"])].append(number)
    warned = {}
    for act in acts:
        if act.warning is None:
            continue
        hazard, colour, division = act.warning
        issued = numbers.pop((act.at, hazard, (division,)), [])
        if len(issued) != 1:
            found.faults.append(f"{hazard} {division} at {act.at}: issued {len(issued)} times")
            continue
        rule = roster.rule(hazard, colour, act.at)
        used = [way for way in rule["channels"] if way in _alive(alive, act.at)]
        warned[issued[0]] = Warned(issued[0], hazard, colour, act.at, used, roster.calls(rule, division))
    found.faults += [f"{key}: a warning nobody planned" for key in numbers]
    found.warnings = len(warned)
    return warned


def _count(found: Outcome, course: model.Course, journal: Sequence[tuple[Any, ...]], level: str) -> None:
    found.calls += 1
    found.levels[level] += 1
    found.answers += sum(entry[1] == "call.answered" for entry in journal)
    found.climbed += sum(entry[1] == "call.escalated" for entry in journal)


def _mass_wrong(warned: Mapping[str, Warned]) -> Iterator[str]:
    """Is everybody called, and do the mass events speak of just these calls, at the right moment?"""
    events = defaultdict(list)
    for number, kind, at, data in _rows(MASS):
        events[number, kind].append(
            (at, _data(data)["count"], _data(data)["sha256"]) if kind != "warning.issued" else at
        )
    for number, each in warned.items():
        yield from (f"{number} {person}: was never called" for person in each.steps if person not in each.idents)
        closed = [each.idents[person] for person, course in each.courses.items() if course.closed]
        wanted = [(each.at, len(each.idents), model.hashed(list(each.idents.values())))]
        if events[number, "calls.placed"] != wanted:
            yield f"{number}: calls.placed says {events[number, 'calls.placed']} instead of {wanted}"
        ended = [(each.at + LASTS, len(closed), model.hashed(closed))] if closed else []
        if events[number, "calls.closed"] != ended:
            yield f"{number}: calls.closed says {events[number, 'calls.closed']} instead of {ended}"


def _rung_wrong(each: Warned, alive: Any, seed: int, people: Mapping[str, Any], found: Outcome) -> Iterator[str]:
    """Did everybody who was rung over a living channel get to say what they would, and nobody else?"""
    from anlan.kernel.ids import draw
    from anlan.warning.engine.people import model as habits
    from anlan.warning.engine.people import reply

    rings: dict[Any, set[str]] = defaultdict(set)
    posts: dict[Any, set[tuple[str, str]]] = defaultdict(set)
    for person, course in each.courses.items():
        for number, at in enumerate(course.rung):
            for who in each.steps[person][number].who:
                rings[who.person, number, at].add(each.idents[person])
                posts[who.person, number, at].add((who.post, who.role))
    said = {(call, person, step): (at, content) for call, at, person, content, step in _rows(REPLIES)}
    # The setting is kept as jsonb, which holds its keys by length; the draw goes through them in that order.
    contents = dict(sorted(people["contents"].items(), key=lambda item: (len(item[0]), item[0])))
    known, local = habits({**people, "contents": contents}), model.BEIJING
    for key, calls in rings.items():
        person, step, at = key
        living = set(each.ways) & set(_alive(alive, at))
        found.unrung += not living
        expected = None
        if living:
            post, role = min(posts[key])
            draws = [draw(seed, each.number, post, step, word) for word in ("whether", "when", "what")]
            hour = at.astimezone(local).hour
            word = reply(known, (draws[0], draws[1], draws[2]), role=role, hour=hour, colour=each.colour)
            expected = None if word is None else (at + timedelta(seconds=word.delay_s), word.content)
        for call in calls:
            heard = said.get((call, person, step))
            if heard != expected:
                yield f"{each.number} {person}: at step {step} the answer is {heard} instead of {expected}"
