"""All reports owed for many events, worked out one by one, to hold versions of report clocks against; and versions made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from anlan.response.engine.plan import Words
from anlan.response.engine.report_bounds import binds
from anlan.response.engine.report_rules import (
    GRADES,
    TIERS,
    UPWARD,
    Limit,
    Rule,
    Subject,
    Table,
    applies,
    applying,
    owed,
    owers,
    receivers,
    stepped,
    tier_of,
    window_days,
)

CITY, COUNTY = "4101", "410182"
ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 8, 3, tzinfo=ZONE)
replace = msgspec.structs.replace
LIMITS = st.one_of(
    st.sampled_from([20, 60, 120, 960, 1440]).map(lambda minutes: Limit(minutes=minutes)),
    st.sampled_from([1, 5, 30]).flatmap(lambda days: st.sampled_from([0, 5]).map(lambda e: Limit(days=days, extend_days=e))),
    st.sampled_from([6, 24]).map(lambda hours: Limit(every_h=hours)),
    st.sampled_from([("08:00",), ("08:00", "17:00"), ("17:00", "24:00"), ("24:00",)]).map(lambda t: Limit(daily_at=t)),
    st.just(Limit(same_day=True)),
)  # fmt: skip
MOMENTS = tuple(MIDNIGHT + timedelta(minutes=minutes) for minutes in (0, 479, 480, 1019, 1020, 1439))


class Due(NamedTuple):
    """One report owed: by which level, to which, when at the latest; `start` of a step: when a level has received it."""

    rule: Rule
    by: str
    to: str
    stepped: bool
    start: str
    at: datetime | None
    last: datetime | None


BELOW = {"county": ("410182",), "city": ("4101",)}


def dues(table: Table, subject: Subject, now: datetime) -> Iterator[Due]:
    for start in ("known", "happened", "figures_changed"):
        at = None if start != "figures_changed" else now
        for one in owed(table, subject, start=start, at=at, below=BELOW):
            for to in one.to or ("",):
                yield Due(one.rule, who(one.rule, one.by), to, False, start, one.due_at, put_off(one.rule, one.due_at))
        for rule in applying(table, subject, start=start):
            for by in owers(rule, subject, BELOW) if rule.limit is None else ():
                for to in receivers(rule, subject, by) or (() if rule.steps else ("",)):
                    yield Due(rule, who(rule, by), to, False, start, None, None)
    for tier in UPWARD[:-1]:
        code = subject.area.ljust(TIERS[tier], "0")[: TIERS[tier]]
        for one in stepped(table, subject, received_by=code, at=now):
            for to in one.to:
                yield Due(one.rule, tier, to, True, "level_received", one.due_at, put_off(one.rule, one.due_at))
    for rule in applying(table, subject, start="level_received"):
        for to in rule.to if rule.limit is None and rule.by in TIERS else ():
            yield Due(rule, rule.by, to, True, "level_received", None, None)


def who(rule: Rule, by: str) -> str:
    return "unit" if rule.by == "unit" else tier_of(by)


def put_off(rule: Rule, at: datetime) -> datetime:
    return at + timedelta(days=rule.limit.extend_days if rule.limit else 0)


def met(asked: Due, mine: Due, subject: Subject) -> bool:
    rule, own = asked.rule, mine.rule
    if rule.what != own.what or (rule.form != "any" and own.form != rule.form) or asked.to not in ("", mine.to):
        return False
    if window_days(own, subject.type_code) < window_days(rule, subject.type_code):
        return False
    if asked.stepped and not mine.stepped:
        same = mine.by == tier_of(subject.area[:6]) and mine.start in ("known", "happened")
    else:
        leads = rule.by == own.by == "lead" and UPWARD.index(mine.by) >= UPWARD.index(asked.by)
        running = {mine.start, asked.start} <= {"known", "happened"} or mine.start == asked.start
        same = (mine.by == asked.by or leads) and asked.stepped == mine.stepped and running
    if not same or asked.at is None or asked.last is None:
        return same
    if mine.at is None or mine.last is None or rule.limit is None or own.limit is None:
        return False
    return mine.at <= asked.at and mine.last <= asked.last and (own.limit.recurs or not rule.limit.recurs)


def leaves_less(own: list[Rule], table: Table, division: str) -> bool:
    """Is any report of any event that binds not owed as soon by the own version?"""
    upper = replace(table, rules=tuple(rule for rule in table.rules if binds(rule, division)))
    mine = replace(table, rules=(*(rule for rule in table.rules if rule.area != division), *own))
    limits = [rule.limit for rule in mine.rules + upper.rules if rule.limit]
    hours = any(limit.daily_at or limit.same_day for limit in limits)
    moments = [(moment, timedelta()) for moment in (MOMENTS if hours else MOMENTS[:1])]
    for area in (CITY, f"{COUNTY}109"):
        for grade in GRADES:
            for kind, major in (("12D00", False), ("12D00", True), ("12A00", False), ("12A00", True), ("11A00", True)):
                for dead in (0, 3, 10):
                    for now, before in (*moments, (MIDNIGHT, timedelta(days=400))):
                        subject = Subject("accident", area, kind, grade, now, now - before, major, {"dead": dead})
                        if less(own, upper, mine, subject, now, division):
                            return True
    return False


def less(own: list[Rule], upper: Table, mine: Table, subject: Subject, now: datetime, division: str) -> bool:
    touched = any(applies(rule, subject) for rule in own)
    given_ = list(dues(mine, subject, now))
    for asked in dues(upper, subject, now):
        if asked.rule.steps and asked.stepped and asked.rule.start != "level_received":
            begins = tier_of(subject.area) if asked.rule.by == "unit" else tier_of_owner(asked.rule, subject)
            if UPWARD.index(asked.by) <= UPWARD.index(begins):
                continue  # from the first level on it is owed anyway
        if (touched or asked.rule.area == division) and not any(met(asked, one, subject) for one in given_):
            return True
    return False


def tier_of_owner(rule: Rule, subject: Subject) -> str:
    return tier_of(subject.area[:6]) if rule.by == "authority" else rule.by


@st.composite
def rows(draw: Any, areas: tuple[str, ...], marks: tuple[str, ...]) -> Rule:
    by = draw(st.sampled_from(["authority", "authority", "authority", "county", "city", "lead", "unit"]))
    start = draw(st.sampled_from(["known", "known", "known", "happened", "level_received", "figures_changed"]))
    area = draw(st.sampled_from(areas))
    mark = draw(st.sampled_from([mark for mark in marks if mark != "L" or area != CITY] if len(marks) > 1 else marks))
    levels = st.sampled_from(["county", "city", "province"])
    return Rule(
        code=f"r{draw(st.integers(0, 9999))}", topic="t", series="accident", what=draw(st.sampled_from(["first", "first", "follow"])),
        text=Words("行", "row"), basis=Words("据", "basis"), mark=mark, area=area, by=by, start=start,
        to=tuple(draw(st.lists(st.sampled_from(["city", "province", "state"]), max_size=2, unique=True))),
        copies=draw(st.sampled_from([(), (), ("province",)])), form=draw(st.sampled_from(["any", "any", "phone"])),
        hazards=draw(st.sampled_from([(), ("12",), ("12D",)])), grades=draw(st.sampled_from([(), (), ("serious", "ordinary"), ("ordinary",)])),
        limit=draw(st.one_of(st.none(), LIMITS, LIMITS, st.just(Limit(minutes=60)))), major=draw(st.sampled_from([None, None, True])),
        reach={grade: draw(levels) for grade in GRADES} if by == "lead" else draw(st.sampled_from([{}, {"ordinary": "city", "serious": "province"}])),
        steps=by != "lead" and draw(st.booleans()), at_least=draw(st.sampled_from([{}, {}, {"dead": 3}, {"dead": 10}])),
        notice=draw(st.booleans()), window_days=draw(st.sampled_from([0, 30])),
    )  # fmt: skip


@st.composite
def versions(draw: Any) -> tuple[list[Rule], Table]:
    """A table, and a version that often says much the same."""
    upper = draw(st.lists(rows(("", "41", CITY), ("S", "G", "L")), min_size=1, max_size=3))
    own = []
    for rule in upper:
        fields = {"area": CITY, "mark": "L"}
        if draw(st.booleans()):
            other = draw(rows((CITY,), ("L",)))
            fields |= {name: getattr(other, name) for name in draw(st.lists(st.sampled_from(CHANGED), max_size=2))}
        own.append(replace(rule, **fields))
    own = own[draw(st.integers(0, 1)) :] + draw(st.lists(rows((CITY,), ("L",)), max_size=1))
    own = [one for one in own if one.by != "lead" or (one.reach.keys() == set(GRADES) and not one.steps)]
    table = Table("1", Words("源", "source"), MIDNIGHT.date(), "Asia/Shanghai", tuple(upper))
    return own, table


CHANGED = (
    "limit",
    "to",
    "copies",
    "form",
    "hazards",
    "grades",
    "at_least",
    "start",
    "steps",
    "what",
    "major",
    "window_days",
)
