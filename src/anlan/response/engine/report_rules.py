"""The clocks of reporting (信息报告时限) as frozen values, and which of them run for one event.

A rule says who owes what to whom by when. Rules of one `topic` of a narrower area take the place of the wider area's,
where they apply to the event at all: a province's 30 minutes stands instead of the statute's two hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from anlan.response.engine.plan import Words

Series = Literal["accident", "disaster", "works", "public"]
Form = Literal["any", "phone", "written"]
GRADES = ("especially_serious", "serious", "relatively_serious", "ordinary")
#: What is owed, in the order it comes (报告种类).
WHATS = (
    "first", "follow", "final", "correction", "zero", "verified", "recheck", "public", "press", "investigation",
    "approval", "evaluation",
)  # fmt: skip
#: Division code length of each level that can report or be reported to; "state" lies above every node.
TIERS: dict[str, int] = {"state": 0, "province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
UPWARD = ("village", "township", "county", "city", "province", "state")


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When it is due, exactly one of: so many `minutes` or `days` after the start; every `every_h` hours; each day at
    the times of `daily_at` ("08:00", "24:00"); by the end of the `same_day`. `extend_days`: how far it may be put off.
    """

    minutes: int = 0
    days: int = 0
    every_h: int = 0
    daily_at: tuple[str, ...] = ()
    same_day: bool = False
    extend_days: int = 0

    @property
    def recurs(self) -> bool:
        """Is it owed again and again until it ends?"""
        return bool(self.every_h or self.daily_at)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table.

    `area`: division prefix, "" the nation. `hazards`: prefixes of event type codes, () any. `by`: the level that owes,
    "unit" the unit concerned, "authority" the level where it happened, "lead" the level that answers for the grade.
    `to` levels it goes to, `copies` those that get it without waiting (越级). `reach`: by grade, how high the steps go.
    `start`: known | happened | level_received | stable | figures_changed | filed:<what>. `at_least`: figures from
    which the rule applies. `window_days`, `window_days_of`: how long after the event a change still counts. `notice`: the
    bureau of the area laid it down itself and may renew it; it binds the areas inside. `version`: of a bureau's own row; ""
    that of the table.
    """

    code: str
    topic: str
    series: Series
    what: str
    text: Words
    basis: Words
    mark: str
    by: str
    to: tuple[str, ...]
    limit: Limit | None = None
    area: str = ""
    hazards: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    major: bool | None = None
    form: Form = "any"
    copies: tuple[str, ...] = ()
    reach: dict[str, str] = {}
    steps: bool = False
    start: str = "known"
    at_least: dict[str, int] = {}
    window_days: int = 0
    window_days_of: dict[str, int] = {}
    from_level: int = 0
    content: str = ""
    notice: bool = False
    version: str = ""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table with its version and validity; `zone` is the time zone of the clock times in it."""

    version: str
    source: Words
    valid_from: date
    zone: str
    rules: tuple[Rule, ...]

    def rule(self, code: str) -> Rule | None:
        """Return the rule of that code."""
        return next((rule for rule in self.rules if rule.code == code), None)


class Subject(msgspec.Struct, frozen=True):
    """What a report is about: where, of which class and grade, and when it became known. Moments aware."""

    series: Series
    area: str
    type_code: str
    grade: str
    known_at: datetime
    happened_at: datetime
    major: bool = False
    figures: Mapping[str, float] = {}


class Owed(msgspec.Struct, frozen=True):
    """One thing owed: by the division `by` (the unit's is its place), to these levels, first due at `due_at`."""

    rule: Rule
    by: str
    to: tuple[str, ...]
    starts_at: datetime
    due_at: datetime


def replaced(table: Table, own: Iterable[Rule]) -> Table:
    """Return the table with a bureau's own rows in the place of those of the same topic and area."""
    mine = tuple(own)
    topics = {(rule.topic, rule.area) for rule in mine}
    return msgspec.structs.replace(
        table, rules=(*(rule for rule in table.rules if (rule.topic, rule.area) not in topics), *mine)
    )


def nearest(table: Table, topic: str, area: str) -> Rule | None:
    """Return the row of a topic that is closest to an area."""
    held = [rule for rule in table.rules if rule.topic == topic and area.startswith(rule.area)]
    return max(held, key=lambda rule: len(rule.area), default=None)


def applying(table: Table, subject: Subject, *, start: str = "known") -> tuple[Rule, ...]:
    """Return the rules that run for a subject from `start`; in each topic those of the most specific area alone.

    An event without a grade is taken as ordinary: the least one owes. The narrower area is chosen among the rules that
    apply at all, so a province that says nothing about small accidents leaves them to the statute.
    """
    held = [rule for rule in table.rules if applies(rule, subject)]
    nearest = {topic: max(len(r.area) for r in held if r.topic == topic) for topic in {rule.topic for rule in held}}
    return tuple(rule for rule in held if len(rule.area) == nearest[rule.topic] and rule.start == start)


def applies(rule: Rule, subject: Subject) -> bool:
    """Does a rule run for a subject, nearer ones left aside?"""
    grade = subject.grade or "ordinary"
    return (
        rule.series == subject.series
        and rule.from_level == 0
        and subject.area.startswith(rule.area)
        and (not rule.hazards or subject.type_code.startswith(rule.hazards))
        and (not rule.grades or grade in rule.grades)
        and (rule.major is None or rule.major == subject.major)
        and all(subject.figures.get(name, 0) >= least for name, least in rule.at_least.items())
    )


def owed(
    table: Table,
    subject: Subject,
    *,
    start: str = "known",
    at: datetime | None = None,
    below: Mapping[str, Sequence[str]] = {},
) -> tuple[Owed, ...]:
    """Return what is owed from `start` on (`at` its moment; for "known" that of the subject). `below`: the divisions of
    each level inside a wide area, each of which owes where a rule names that level.

    A limit that was over before the fact came which brings the rule in (a grade that rises) runs from that fact.
    """
    found = []
    for rule in applying(table, subject, start=start):
        if rule.limit is None:
            continue
        begun = {"known": subject.known_at, "happened": subject.happened_at}.get(start, at or subject.known_at)
        due = first_due(rule.limit, begun, table.zone)
        if at is not None and due < at:
            begun, due = at, first_due(rule.limit, at, table.zone)
        found += [
            Owed(rule, who, to, begun, due)
            for who in owers(rule, subject, below)
            if (to := receivers(rule, subject, who)) or not rule.steps
        ]
    return tuple(found)


def stepped(table: Table, subject: Subject, *, received_by: str, at: datetime) -> tuple[Owed, ...]:
    """Return what the level `received_by` (a division) owes further up now that a report has reached it (逐级上报)."""
    tier = tier_of(received_by)
    found = []
    for rule in applying(table, subject, start="level_received"):
        if rule.limit is not None and rule.by == tier:
            found.append(Owed(rule, received_by, rule.to, at, first_due(rule.limit, at, table.zone)))
    for rule in applying(table, subject):
        upper = above(tier)
        if rule.steps and rule.limit is not None and upper and reaches(rule, subject.grade, upper):
            found.append(Owed(rule, received_by, (upper,), at, first_due(rule.limit, at, table.zone)))
    return tuple(found)


def above(tier: str) -> str:
    """Return the next level up; "" above the state."""
    place = UPWARD.index(tier) + 1
    return UPWARD[place] if place < len(UPWARD) else ""


def reaches(rule: Rule, grade: str, tier: str) -> bool:
    """Do the steps of a rule go as high as that level for a grade?"""
    highest = rule.reach.get(grade or "ordinary", "state")
    return UPWARD.index(tier) <= UPWARD.index(highest)


def owers(rule: Rule, subject: Subject, below: Mapping[str, Sequence[str]] = {}) -> tuple[str, ...]:
    """Return the divisions that owe: the authority of the place, the level the rule names, or the one for the grade."""
    if rule.by == "unit":
        return (subject.area,)
    if rule.by == "authority":
        return (subject.area[:6],)
    tier = rule.reach.get(subject.grade or "ordinary", "") if rule.by == "lead" else rule.by
    length = TIERS.get(tier, 0)
    return (subject.area[:length],) if 0 < length <= len(subject.area) else tuple(below.get(tier, ()))


def receivers(rule: Rule, subject: Subject, by: str) -> tuple[str, ...]:
    """Return the levels it goes to, the skipped ones between as copies; a stepwise rule goes to the next level."""
    if rule.steps:
        upper = above(tier_of(by))
        return (upper,) if upper and reaches(rule, subject.grade, upper) else ()
    return (*rule.to, *rule.copies)


def tier_of(division: str) -> str:
    """Return the level of a division code: "county" for six digits."""
    return next(name for name, length in TIERS.items() if length == len(division))


def first_due(limit: Limit, start: datetime, zone: str) -> datetime:
    """Return when a thing that starts to be owed at `start` is first due."""
    if limit.minutes:
        return start + timedelta(minutes=limit.minutes)
    if limit.days:
        return start + timedelta(days=limit.days)
    if limit.every_h:
        return start + timedelta(hours=limit.every_h)
    times = limit.daily_at or ("24:00",)
    local = start.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = sorted(midnight + timedelta(days=day) + _clock(time) for day in (0, 1) for time in times)
    return next(moment for moment in moments if moment > local).astimezone(start.tzinfo)


def next_due(limit: Limit, due: datetime, zone: str) -> datetime | None:
    """Return when a recurring thing is due after `due`; None where it is owed once."""
    return first_due(limit, due, zone) if limit.recurs else None


def window_start(limit: Limit, due: datetime, zone: str) -> datetime:
    """Return where the window of a recurring report begins that ends at `due`."""
    if limit.every_h:
        return due - timedelta(hours=limit.every_h)
    local = due.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight + timedelta(days=day) + _clock(time) for day in (-2, -1, 0) for time in limit.daily_at]
    return max(moment for moment in moments if moment < local).astimezone(due.tzinfo)


def _clock(time: str) -> timedelta:
    hours, _, minutes = time.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def window_days(rule: Rule, type_code: str) -> int:
    """Return for how many days after the event a change of figures must be reported (30; traffic and fire 7)."""
    found = [days for prefix, days in rule.window_days_of.items() if type_code.startswith(prefix)]
    return found[0] if found else rule.window_days


#: Which kinds of report meet what is owed.
MEETS: dict[str, tuple[str, ...]] = {
    "first": ("first", "follow", "final"),
    "follow": ("follow", "final", "correction", "zero"),
    "zero": ("zero", "first", "follow", "final", "correction", "verified", "recheck"),
    "correction": ("correction", "follow", "final"),
}


def meets(kind: str, form: str, what: str, wanted_form: str) -> bool:
    """Does a report of this kind and form meet what is owed? A written one also serves where a call was owed."""
    return kind in MEETS.get(what, (what,)) and (wanted_form != "written" or form == "written")
