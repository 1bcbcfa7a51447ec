"""Do an area's own report clocks leave less than what binds it from above (不得宽于上位规定)? Row by row, case by case.

What binds an event is what would hold without the version: the nearest rows that were read in a source (S) or that a wider
area has approved (L); defaults (G) don't bind. Where none of the own rows concerns an event, the wider ones stay, so a
version may say nothing about small accidents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from anlan.response.engine.report_rules import (
    GRADES,
    TIERS,
    UPWARD,
    Limit,
    Rule,
    Subject,
    Table,
    above,
    applies,
    reaches,
    tier_of,
    window_days,
)

DAY = 1440
RECEIVED, RESPONDING = "level_received", "response"
_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # cases differ in what happened, not in when
OTHER = "~"  # stands for all type codes that no row names further


class Need(NamedTuple):
    """One way a report has to go: from whom, to which level ("" none in particular), from what moment on."""

    by: str
    to: str
    start: str


class Looser(NamedTuple):
    """Where a version leaves less: the row that binds, an event for which, what it needs; the own row that comes nearest
    with its place in the version, None where there is none; what is wrong with it: limit, window, to or missing."""

    rule: Rule
    subject: Subject
    need: Need
    given: Rule | None
    place: int
    fault: str


def looser(own: Sequence[Rule], table: Table, division: str) -> Looser | None:
    """Return the first thing in which `own`, the rows of one topic for a division, is looser than what binds it in
    `table`, the clocks without that division's own; None where it is not."""
    near = [rule for rule in table.rules if rule.topic == own[0].topic and division.startswith(rule.area)]
    binding = [rule for rule in near if binds(rule, division)]
    rest = [rule for rule in near if rule.area != division]
    for rule in binding:
        for subject in _subjects(rule, (*near, *own), division):
            if any(len(other.area) > len(rule.area) and applies(other, subject) for other in binding):
                continue
            standing = [(place, one) for place, one in enumerate(own) if applies(one, subject)]
            if not standing and rule.area != division:
                continue  # the wider row stays
            for need in needs(rule, subject):
                if found := _fault(rule, subject, need, standing or _nearest(rest, subject)):
                    return found
    return _looser_in_response(own, binding, division)


def binds(rule: Rule, division: str) -> bool:
    """Does a row bind what a division lays down? A statute's does, a wider bureau's own, and not a default."""
    if rule.mark == "S":
        return not (rule.notice and rule.area == division)
    return rule.mark == "L" and rule.area != division


def _subjects(rule: Rule, rows: Sequence[Rule], division: str) -> Iterator[Subject]:
    """Yield one event for each sort the rows can tell apart, of those the binding row applies to; gravest grade first.
    More figures bring more rows in, so it is enough to look where each begins to apply."""
    kinds = sorted({prefix + OTHER for one in rows for prefix in ("", *one.hazards)})
    majors = (False, True) if any(one.major is not None for one in rows) else (False,)
    places = [division.ljust(length, "0") for length in TIERS.values() if length >= len(division)]
    figures = {_both(rule.at_least, one.at_least) for one in rows}
    for grade in GRADES:
        for kind in kinds:
            for major in majors:
                for place in places:
                    for known in sorted(figures):
                        found = Subject(rule.series, place, kind, grade, _NOW, _NOW, major, dict(known))
                        if applies(rule, found):
                            yield found


def _both(one: dict[str, int], other: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({name: max(one.get(name, 0), other.get(name, 0)) for name in {*one, *other}}.items()))


def _nearest(rules: Sequence[Rule], subject: Subject) -> list[tuple[int, Rule]]:
    held = [rule for rule in rules if applies(rule, subject)]
    longest = max((len(rule.area) for rule in held), default=0)
    return [(-1, rule) for rule in held if len(rule.area) == longest]


def needs(rule: Rule, subject: Subject) -> list[Need]:
    """Return the ways a report has to go by a rule: from who owes it, and step by step from each level it reaches."""
    found = ways(rule, subject)
    own = [way for way in found if way.start != RECEIVED or rule.start == RECEIVED]
    if rule.start == RECEIVED or not rule.steps or not own:
        return own
    return own + [way for way in found if way.start == RECEIVED and UPWARD.index(way.by) >= UPWARD.index(own[0].to)]


def ways(rule: Rule, subject: Subject) -> list[Need]:
    """Return all ways a rule sends a report of an event."""
    if rule.start == RECEIVED:
        return [Need(rule.by, to, RECEIVED) for to in rule.to] if rule.by in TIERS else []
    owner = _owner(rule, subject)
    if not owner:
        return []
    if not rule.steps:
        return [Need(owner, to, rule.start) for to in dict.fromkeys((*rule.to, *rule.copies))] or [
            Need(owner, "", rule.start)
        ]
    upper = above(tier_of(subject.area) if rule.by == "unit" else owner)
    found = [Need(owner, upper, rule.start)] if upper and reaches(rule, subject.grade, upper) else []
    if rule.start == "known" and rule.limit is not None:
        found += [
            Need(tier, above(tier), RECEIVED) for tier in UPWARD[:-1] if reaches(rule, subject.grade, above(tier))
        ]
    return found


def _owner(rule: Rule, subject: Subject) -> str:
    if rule.by == "authority":
        return tier_of(subject.area[:6])
    return rule.reach.get(subject.grade, "") if rule.by == "lead" else rule.by


def _fault(rule: Rule, subject: Subject, need: Need, standing: Sequence[tuple[int, Rule]]) -> Looser | None:
    """Return what is wrong where no row that stands meets a need."""
    alike = [(place, one) for place, one in standing if one.what == rule.what and rule.form in ("any", one.form)]
    there = [
        (place, one) for place, one in alike if any(_goes(way, need, rule, one, subject) for way in ways(one, subject))
    ]
    kind = subject.type_code
    long_enough = [row for row in there if window_days(row[1], kind) >= window_days(rule, kind)]
    if any(no_later(one.limit, rule.limit) for _place, one in long_enough):
        return None
    same = [row for row in alike if row[1].start == rule.start and _owner(row[1], subject) == _owner(rule, subject)]
    for rows, fault in ((long_enough, "limit"), (there, "window"), (same, "to")):
        for place, one in rows:
            if place >= 0:
                return Looser(rule, subject, need, one, place, fault)
    return Looser(rule, subject, need, None, -1, "missing")


def _goes(way: Need, need: Need, rule: Rule, given: Rule, subject: Subject) -> bool:
    """Does a report that goes this way do what is needed? One straight from where it happened serves for a step above."""
    if need.to not in ("", way.to):
        return False
    if need.start == RECEIVED and way.start in ("known", "happened"):
        return way.by == tier_of(subject.area[:6])
    higher = rule.by == given.by == "lead" and UPWARD.index(way.by) >= UPWARD.index(need.by)
    sooner = way.start == need.start or (need.start, way.start) == ("known", "happened")
    return (way.by == need.by or higher) and sooner


def _looser_in_response(own: Sequence[Rule], binding: Sequence[Rule], division: str) -> Looser | None:
    """The daily duty while a level is in force: one row holds it, the nearest."""
    held = [rule for rule in binding if rule.from_level]
    if not held:
        return None
    rule, given = max(held, key=lambda one: len(one.area)), own[0]
    subject = Subject(rule.series, division, "", "ordinary", _NOW, _NOW)
    for to in rule.to:
        need = Need(rule.by, to, RESPONDING)
        if (given.what, given.by) != (rule.what, rule.by) or given.from_level < rule.from_level:
            return Looser(rule, subject, need, None, -1, "missing")
        if to not in given.to:
            return Looser(rule, subject, need, given, 0, "to")
        if not no_later(given.limit, rule.limit):
            return Looser(rule, subject, need, given, 0, "limit")
    return None


def no_later(given: Limit | None, asked: Limit | None) -> bool:
    """Is a limit never due later than the one asked for, whenever it starts, put off as far as may be, and as often?"""
    if asked is None:
        return True
    if given is None or (asked.recurs and not given.recurs):
        return False
    behind = _behind(given, asked)
    return behind <= 0 and behind + (given.extend_days - asked.extend_days) * DAY <= 0


def _behind(given: Limit, asked: Limit) -> int:
    """Return by how many minutes it can fall due after what is asked, from the worst start."""
    mine, wanted = _times(given), _times(asked)
    if not mine:
        return _minutes(given) - (
            0 if wanted else _minutes(asked)
        )  # a start just before the hour leaves no time at all
    if not wanted:
        return _widest(mine) - _minutes(asked)
    return 0 if mine >= wanted else DAY


def _minutes(limit: Limit) -> int:
    return limit.minutes or limit.days * DAY or limit.every_h * 60


def _times(limit: Limit) -> frozenset[int]:
    """Return the minutes of the day at which it is due; empty where it runs from its start."""
    texts = ("24:00",) if limit.same_day else limit.daily_at
    return frozenset((int(text[:2]) * 60 + int(text[3:])) % DAY for text in texts)


def _widest(times: frozenset[int]) -> int:
    rising = sorted(times)
    return max((after - before - 1) % DAY + 1 for before, after in zip(rising, rising[1:] + rising[:1], strict=True))
