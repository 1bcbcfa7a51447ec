"""Judging a rule over a past span, day by day, beside the version in force: the engine that runs live, one reading of all.

Whole readings only, from the table and from the archive; no rollups: they would not be exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from anlan.monitoring.engine import rules as engine
from anlan.monitoring.engine.columns import SECOND, Columns, concatenated, microseconds
from anlan.monitoring.engine.outcome import Standing
from anlan.monitoring.engine.rules import leaves, longest_window
from anlan.monitoring.engine.shard import Shard
from anlan.monitoring.engine.tried import Episode, Steps, compared, counts, episodes, laid
from anlan.monitoring.formats import readings_copy
from anlan.monitoring.models import Day, Series
from anlan.monitoring.services.catalogue import catalogue_load
from anlan.monitoring.services.thawing import archived

MOST_READINGS = 60_000_000
MOST_LISTED, MOST_PLACES = 300, 40
NEW, OLD = "new", "old"
_ROWS = (
    "COPY (SELECT series, at, value, quality FROM monitoring_reading WHERE at >= '{}' AND at < '{}'"
    " AND series = ANY('{{{}}}'::int[]) ORDER BY at, series) TO STDOUT (FORMAT binary)"
)


class Given(NamedTuple):
    """What is tried: the new rules and those in force now (of one code each), over (start, end]; `division`: places
    that count."""

    new: tuple[engine.Rule, ...]
    old: tuple[engine.Rule, ...]
    levels: tuple[tuple[str, ...], tuple[str, ...]]
    division: str
    start: datetime
    end: datetime


class Data(NamedTuple):
    """Days of readings and where they lay."""

    readings: int
    table: int
    archive: int
    none: int


def run(given: Given, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Judge and return {"new", "old", "only_new", "only_old", "both", "list", "data", "series"}; see `engine/tried.py`.

    tell: called with (days done, days in all). Raises Unavailable when an archive is not in its place.
    """
    catalogue = _catalogue(given)
    shard = Shard(catalogue)
    numbers = np.array([item.number for item in catalogue.series], np.int32)
    warm = given.start - timedelta(seconds=longest_window(given.new + given.old) + 3600)
    days = _days(warm, given.end)
    steps: dict[str, Steps] = {NEW: {}, OLD: {}}
    data = Data(0, 0, 0, 0)
    for at, day in enumerate(days):
        rows, where = _readings(day, numbers)
        inside = (rows.at > microseconds(warm)) & (rows.at <= microseconds(given.end))
        rows = rows.where(inside)
        horizon = min(microseconds(_midnight(day + timedelta(days=1))), microseconds(given.end))
        if len(numbers):
            _take(steps, shard.apply(rows, rows.at.copy(), horizon).standings)
        data = Data(data.readings + len(rows), *(getattr(data, name) + (where == name) for name in Data._fields[1:]))
        tell(at + 1, len(days))
        if data.readings > MOST_READINGS:
            break
    return _result(given, catalogue, steps, data)


def estimate(series: tuple[engine.SeriesDef, ...], given: Given) -> int:
    """Return about how many readings the trial would look at."""
    seconds = (given.end - given.start).total_seconds()
    intervals = dict(Series.objects.filter(number__in=[s.number for s in series]).values_list("number", "interval_s"))
    return int(sum(seconds / interval for interval in intervals.values() if interval))


def _catalogue(given: Given) -> engine.Catalogue:
    """Series and areas of all shards that the rules speak of, with the rules under two codes of their own."""
    rules = tuple(
        rule._replace(code=code, valid_from=engine.Rule._field_defaults["valid_from"], valid_to=engine.Rule._field_defaults["valid_to"])
        for code, some in ((NEW, given.new), (OLD, given.old)) for rule in some
    )  # fmt: skip
    elements = {leaf.element for rule in rules for level in rule.levels for leaf in leaves(level.when)}
    parts = [catalogue_load(shard) for shard in sorted(set(Series.objects.values_list("shard", flat=True)))]
    series = tuple(
        item for part in parts for item in part.series if item.element in elements and _near(item.division, given)
    )
    return engine.Catalogue(series, tuple(area for part in parts for area in part.areas), rules)


def _near(division: str, given: Given) -> bool:
    areas = any(rule.place == "area" for rule in given.new)
    return areas or division.startswith(given.division)


def catalogue_of(given: Given) -> engine.Catalogue:
    """Return the series, areas and rules of a trial."""
    return _catalogue(given)


def _take(steps: dict[str, Steps], standings: list[Standing]) -> None:
    for code in (NEW, OLD):
        laid(steps[code], [standing for standing in standings if standing.rule == code])


def _days(start: datetime, end: datetime) -> list[date]:
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _readings(day: date, numbers: np.ndarray) -> tuple[Columns, str]:
    """The readings of a UTC day, and where most of them lay: "table", "archive" or "none"."""
    known = Day.objects.filter(day=day).first()
    parts: list[Columns] = []
    if known is not None and known.archive and known.dropped_at is not None:
        parts = [rows.where(np.isin(rows.series, numbers)) for rows in archived(day)]
    stored = concatenated(_stored(day, numbers))
    rows = concatenated([*parts, stored])
    order = np.lexsort((rows.series, rows.at))
    where = "archive" if parts and sum(map(len, parts)) >= len(stored) else "table" if len(stored) else "none"
    return rows.where(order), where


def _stored(day: date, numbers: np.ndarray) -> Iterator[Columns]:
    if not len(numbers):
        return
    wanted = ",".join(map(str, numbers.tolist()))
    with connection.cursor() as cursor:
        sql = _ROWS.format(_midnight(day).isoformat(), _midnight(day + timedelta(days=1)).isoformat(), wanted)
        with cursor.copy(sql) as copy:
            yield from readings_copy.stream(copy, 100_000)


def _result(given: Given, catalogue: engine.Catalogue, steps: dict[str, Steps], data: Data) -> dict[str, Any]:
    inside = _places(given, catalogue)
    start, end = microseconds(given.start), microseconds(given.end)
    new, old = (
        episodes({place: own for place, own in steps[code].items() if place in inside}, levels, start, end)
        for code, levels in zip((NEW, OLD), given.levels, strict=True)
    )
    only_new, only_old, both = compared(new, old)
    marked = {id(e): "new" for e in only_new} | {id(e): "old" for e in only_old} | {id(e): "both" for e in both}
    listed = sorted([*new, *only_old], key=lambda e: -e.opened)[:MOST_LISTED]
    return {
        "new": _shown(counts(new), inside), "old": _shown(counts(old), inside), "only_new": len(only_new),
        "only_old": len(only_old), "both": len(both), "data": data._asdict(), "series": len(catalogue.series),
        "cut": data.readings > MOST_READINGS,
        "list": [_told(episode, inside, marked[id(episode)]) for episode in listed],
    }  # fmt: skip


def _places(given: Given, catalogue: engine.Catalogue) -> dict[str, str]:
    """Places inside the division: key → code of station or area."""
    found = {f"s:{item.number}": item.station for item in catalogue.series if item.division.startswith(given.division)}
    found |= {
        f"t:{item.station}": item.station for item in catalogue.series if item.division.startswith(given.division)
    }
    return found | {f"a:{area.code}": area.code for area in catalogue.areas if area.division.startswith(given.division)}


def _shown(found: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    most = sorted(found["place"].items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_PLACES]
    return {**found, "place": [[names[place], number] for place, number in most], "places": len(found["place"])}


def _told(episode: Episode, names: dict[str, str], mark: str) -> dict[str, Any]:
    return {
        "place": names[episode.place], "opened": episode.opened // SECOND, "level": episode.level,
        "cleared": None if episode.cleared is None else episode.cleared // SECOND, "value": round(episode.value, 3),
        "threshold": episode.threshold, "mark": mark,
    }  # fmt: skip
