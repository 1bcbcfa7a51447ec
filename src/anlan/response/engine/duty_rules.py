"""The duty desk's rules as values: turns and rest, the calendar of a year, and when the leader stays in. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import msgspec

from anlan.response.engine.plan import Words
from anlan.response.engine.roster import BEIJING, Calendar, Rest


class Season(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of every year, `from_` and `to` as MM-DD, both included, in divisions under `area`."""

    area: str
    from_: str = msgspec.field(name="from")
    to: str
    zh: str
    en: str
    mark: str


class StayIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the leader stays in the duty room or office area; `response`: also while a response is in force."""

    response: bool
    cite: Words
    seasons: tuple[Season, ...]


class DutyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a duty desk works; hours and minutes as their names say."""

    pack: str
    version: str
    source: Words
    mark: str
    valid_from: date
    changes: dict[str, tuple[str, ...]]
    longest_h: int
    between_h: int
    checks_a_week: int
    answer_min: int
    ring_by: tuple[str, ...]
    ring_min: int
    late_min: int
    stay_in: StayIn

    def times(self, pattern: str) -> tuple[time, ...]:
        """Return the times of day at which shifts change."""
        return tuple(time.fromisoformat(text) for text in self.changes[pattern])

    @property
    def rest(self) -> Rest:
        """Return the rest rule."""
        return Rest(timedelta(hours=self.longest_h), timedelta(hours=self.between_h))


class HolidayYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days off of one year: single days or spans MM-DD..MM-DD, and the weekend days worked."""

    year: int
    mark: str
    free: tuple[str, ...]
    worked: tuple[str, ...]


class Holidays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days off of all years known."""

    pack: str
    version: str
    source: Words
    years: tuple[HolidayYear, ...]

    def days(self, year: int) -> tuple[list[date], list[date]] | None:
        """Return (days off, weekend days worked) of a year; None when the year isn't known yet."""
        for known in self.years:
            if known.year == year:
                return days_of(year, known.free), days_of(year, known.worked)
        return None


def days_of(year: int, spans: tuple[str, ...]) -> list[date]:
    """Return the days of spans like "10-01..10-07" or "06-09" in a year. ValueError for what is no day."""
    found: list[date] = []
    for span in spans:
        first, _, last = span.partition("..")
        start, stop = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
        found += [start + timedelta(days=n) for n in range((stop - start).days + 1)]
    return sorted(set(found))


def calendar_of(off: list[date], worked: list[date]) -> Calendar:
    """Return the calendar of these days."""
    return Calendar(frozenset(off), frozenset(worked))


def stays_in(rule: StayIn, division: str, moment: datetime, responding: bool) -> Words | None:
    """Return why the leader of a desk in `division` must stay in at `moment`; None when being within reach is enough."""
    if rule.response and responding:
        return Words("应急响应期间", "a response is in force")
    day = moment.astimezone(BEIJING).strftime("%m-%d")
    for season in rule.seasons:
        if division.startswith(season.area) and season.from_ <= day <= season.to:
            return Words(season.zh, season.en)
    return None
