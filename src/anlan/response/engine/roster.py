"""The year's roster (全年值班表) in Beijing time: its turns, its holes to the minute, and the rest everybody is owed.

A turn has a leader (带班领导), a main (主班) and a second officer (副班). Times are aware; Beijing has no summer time, so a
year has 525,600 or 527,040 minutes. Nobody is asked to serve longer than `Rest.longest` in a row or to come back before
`Rest.between` has passed, unless a reason is written at the turn (突发事件应对法 and the duty rules leave the hours to the
bureau: they are rule data).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import Any, NamedTuple

BEIJING = timezone(timedelta(hours=8))
ROLES = ("leader", "main", "second")
WORK, WEEKEND, HOLIDAY = "work", "weekend", "holiday"
NIGHT_FROM = time(18)


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest rule: at most `longest` in a row, at least `between` two stretches."""

    longest: timedelta
    between: timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of duty (班次). People by key; "" where nobody stands. `reason`: why the rest rule is set aside here."""

    starts: datetime
    ends: datetime
    leader: str = ""
    main: str = ""
    second: str = ""
    reason: str = ""

    def who(self, role: str) -> str:
        """Return who stands in a role."""
        return str(getattr(self, role))

    def given(self, role: str, person: str, reason: str = "") -> Turn:
        """Return the turn with somebody else in a role; a new reason takes the place of the old one."""
        new: dict[str, Any] = {role: person, "reason": reason or self.reason}
        return replace(self, **new)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off in general (`holidays`), and weekend days that are worked (`workdays`, 调休上班)."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def kind(self, day: date) -> str:
        """Return WORK, WEEKEND or HOLIDAY."""
        if day in self.holidays:
            return HOLIDAY
        return WEEKEND if day.weekday() >= 5 and day not in self.workdays else WORK


class Slot(NamedTuple):
    """A turn nobody stands in yet; `kind` is that of the day it begins on."""

    starts: datetime
    ends: datetime
    night: bool
    kind: str


class Hole(NamedTuple):
    """Minutes in which these roles are empty (空岗)."""

    starts: datetime
    ends: datetime
    roles: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Return how many minutes."""
        return int((self.ends - self.starts).total_seconds()) // 60


class Fault(NamedTuple):
    """A breach of the rest rule by `person`: `too_long` (in a row from `starts` to `ends`), `no_rest` (only from `starts`
    to `ends` between two turns) or `double` (in two places at once)."""

    kind: str
    person: str
    starts: datetime
    ends: datetime


def year_window(year: int) -> tuple[datetime, datetime]:
    """Return the year's first minute and the one after its last."""
    return datetime(year, 1, 1, tzinfo=BEIJING), datetime(year + 1, 1, 1, tzinfo=BEIJING)


def slots(begins: datetime, ends: datetime, changes: Sequence[time], calendar: Calendar) -> list[Slot]:
    """Return the turns from `begins` until `ends` is covered, with a change of shift at each of the times of day in
    `changes`. The first turn is short when `begins` lies between two changes; the last one runs over `ends`.

    With one change a day the turn is of 24 hours, and no night is told apart."""
    found: list[Slot] = []
    start = begins.astimezone(BEIJING)
    while start < ends:
        stop = _next_change(start, changes)
        night = len(changes) > 1 and (start.time() >= NIGHT_FROM or start.time() < min(changes))
        found.append(Slot(start, stop, night, calendar.kind(start.date())))
        start = stop
    return found


def _next_change(moment: datetime, changes: Sequence[time]) -> datetime:
    day = moment.date()
    later = [
        at
        for ahead in (0, 1)
        for change in changes
        if (at := datetime.combine(day + timedelta(days=ahead), change, BEIJING)) > moment
    ]
    return min(later)


def holes(turns: Iterable[Turn], begins: datetime, ends: datetime, roles: Sequence[str] = ROLES) -> list[Hole]:
    """Return the minutes from `begins` up to `ends` in which a role is empty, in order, neighbours with the same roles
    joined. Whoever stands in two turns at once counts in both."""
    edges: dict[datetime, list[int]] = defaultdict(lambda: [0] * len(roles))
    for turn in turns:
        low, high = max(turn.starts, begins), min(turn.ends, ends)
        if low >= high:
            continue
        for at, role in enumerate(roles):
            if turn.who(role):
                edges[low][at] += 1
                edges[high][at] -= 1
    found: list[Hole] = []
    count = [0] * len(roles)
    moments = sorted({begins, ends, *edges})
    for start, stop in pairwise(moments):
        count = [have + change for have, change in zip(count, edges.get(start, [0] * len(roles)), strict=True)]
        empty = tuple(role for role, have in zip(roles, count, strict=True) if have == 0)
        if not empty:
            continue
        if found and found[-1].ends == start and found[-1].roles == empty:
            found[-1] = found[-1]._replace(ends=stop)
        else:
            found.append(Hole(start, stop, empty))
    return found


def faults(turns: Iterable[Turn], rest: Rest) -> list[Fault]:
    """Return the breaches of the rest rule, in order of time. Turns that touch are one stretch; a breach with a reason
    written at one of its turns is none."""
    served: dict[str, list[tuple[datetime, datetime, str, str]]] = defaultdict(list)
    for turn in turns:
        for role in ROLES:
            if person := turn.who(role):
                served[person].append((turn.starts, turn.ends, turn.reason, role))
    found: list[Fault] = []
    for person, listed in served.items():
        found += _of_one(person, sorted(listed), rest)
    return sorted(found, key=lambda fault: (fault.starts, fault.person, fault.kind))


def _of_one(person: str, listed: list[tuple[datetime, datetime, str, str]], rest: Rest) -> list[Fault]:
    found: list[Fault] = []
    since, until, excused = listed[0][0], listed[0][1], bool(listed[0][2])
    for starts, ends, reason, _ in listed[1:]:
        if starts < until and not (reason or excused):
            found.append(Fault("double", person, starts, min(until, ends)))
        if starts > until:
            found += _too_long(person, since, until, rest, excused)
            if starts - until < rest.between and not reason:
                found.append(Fault("no_rest", person, until, starts))
            since, excused = starts, False
        until, excused = max(until, ends), excused or bool(reason)
    return found + _too_long(person, since, until, rest, excused)


def _too_long(person: str, since: datetime, until: datetime, rest: Rest, excused: bool) -> list[Fault]:
    over = until - since > rest.longest and not excused
    return [Fault("too_long", person, since, until)] if over else []


def swap_faults(turns: Sequence[Turn], changed: dict[int, Turn], rest: Rest) -> list[Fault]:
    """Return the breaches that come in when the turns at these places of the list are changed: those of the roster as it
    would be, without those it has already."""
    old = set(faults(turns, rest))
    return [
        fault for fault in faults([changed.get(at, turn) for at, turn in enumerate(turns)], rest) if fault not in old
    ]
