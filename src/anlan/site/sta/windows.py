"""Readings by time over many series: looked for in ever wider spans from one end, so that a year isn't sorted for a page.

Within one series the index gives the order; then there is one span, all of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

from anlan.site.sta.asking import Asked
from anlan.site.sta.ordering import Order
from anlan.site.sta.sources import Source

if TYPE_CHECKING:
    from anlan.site.sta.pages import Under

WIDTHS = tuple(timedelta(minutes=1) * 8**power for power in range(7))  # one minute … half a year
DAY, MOST = timedelta(days=1), timedelta(days=2000)
ALL = Source("", ())


class Nearby(NamedTuple):
    """How far to look first for a series' readings; `whole`: nothing lies beyond."""

    edge: datetime
    whole: bool


class Ends(NamedTuple):
    """Where a series' readings lie, as far as that is known, and how far apart they are meant to be."""

    first: datetime | None
    last: datetime | None
    interval: timedelta


def windows(asked: Asked, order: Order, under: Sequence[Under], start: Source) -> Iterator[Source]:
    """Yield conditions, the last one empty: the first under which there are enough rows is enough.

    start: the condition of the page; the moment in it is where the page begins.
    """
    series = next((int(part.value) for part in under if part.column == "series"), None)
    if asked.entity.many == "Observations" and _by_time(order, series is not None):
        edge = next((value for value in start.params if isinstance(value, datetime)), None)
        if series is not None:
            yield from _of_one(asked, order, series, edge)
        else:
            edge = edge or (_newest() if order.falls else _oldest())
            yield from (_within(order, edge, width, False) for width in WIDTHS if edge)
    yield ALL


def nearby(asked: Asked, order: Order, numbers: Sequence[int]) -> dict[int, Nearby]:
    """Return how far to look first for the readings of several series; nothing where no end is known."""
    if not _by_time(order, True):
        return {}
    found = {}
    for number, ends in _ends(numbers).items():
        width = _width(asked, ends)
        if order.falls and ends.last:
            edge = ends.last - width
            found[number] = Nearby(edge, ends.first is not None and edge < ends.first)
        elif not order.falls and ends.first:
            edge = ends.first + width
            found[number] = Nearby(edge, False)
    return found


def _of_one(asked: Asked, order: Order, series: int, edge: datetime | None) -> Iterator[Source]:
    ends = _ends([series]).get(series)
    begin = edge or (ends and (ends.last if order.falls else ends.first))
    if ends is None or begin is None:
        return
    width = _width(asked, ends)
    for _ in range(3 if ends.first else 1):  # without rollups all of it is recent
        if width < MOST and (ends.first is None or ends.last is None or width < ends.last - ends.first):
            yield _within(order, begin, width, edge is not None)
        width *= 8


def _within(order: Order, edge: datetime, width: timedelta, page: bool) -> Source:
    """Return the span from `edge` on; on later pages nothing lies before it."""
    if order.falls:
        return Source("a.at > %s" + (" AND a.at <= %s" if page else ""), (edge - width, *([edge] if page else [])))
    return Source("a.at < %s" + (" AND a.at >= %s" if page else ""), (edge + width, *([edge] if page else [])))


def _by_time(order: Order, of_one: bool) -> bool:
    names = [sql for sql, _, _ in order.terms]
    return names[0] == "a.at" or (of_one and names == ["a.series", "a.at"])


def _width(asked: Asked, ends: Ends) -> timedelta:
    """Return a span that should hold the page, with some readings missing."""
    return min(max(DAY, ends.interval * (asked.top + asked.skip + 2) * 1.25), MOST)


def _ends(numbers: Sequence[int]) -> dict[int, Ends]:
    """Return where the readings of these series lie. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.number, p.last_at, x.interval_s, (SELECT y.at - interval '1 day' FROM monitoring_rollup_day y"
            " WHERE y.series = x.number ORDER BY y.at LIMIT 1) FROM monitoring_series x"
            " JOIN monitoring_pulse p ON p.series_id = x.id WHERE x.number = ANY(%s)",
            [list(numbers)],
        )
        return {row[0]: Ends(row[3], row[1], timedelta(seconds=row[2])) for row in cursor.fetchall()}


def _newest() -> datetime | None:
    """Return when anybody was last heard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_at) FROM monitoring_pulse")
        found: datetime | None = cursor.fetchone()[0]
        return found


def _oldest() -> datetime | None:
    """Return where the oldest day's partition begins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                       " WHERE i.inhparent = 'monitoring_reading'::regclass AND c.relname ~ '_[0-9]{8}$'")  # fmt: skip
        found = re.search(r"(\d{8})$", cursor.fetchone()[0] or "")
        return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC) if found else None
