"""Readings by time over many series: looked for in ever wider spans from one end, so that a year isn't sorted for a page.

Within one series the index gives the order; then there is one span, all of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection

from anlan.site.sta.asking import Asked
from anlan.site.sta.ordering import Order
from anlan.site.sta.sources import Source

if TYPE_CHECKING:
    from anlan.site.sta.reading import Under

WIDTHS = tuple(timedelta(minutes=1) * 8**power for power in range(7))  # one minute … half a year
ALL = Source("", ())


def windows(asked: Asked, order: Order, under: Sequence[Under], start: Source) -> Iterator[Source]:
    """Yield conditions, the last one empty: the first under which there are enough rows is enough.

    start: the condition of the page, whose last parameter is where it begins.
    """
    of_one = any(part.column == "series" for part in under)
    if asked.entity.many == "Observations" and order.terms[0][0] == "a.at" and not of_one:
        edge = start.params[-1] if start.params else _newest() if order.falls else _oldest()
        for width in WIDTHS if edge else ():
            if order.falls:
                yield Source("a.at > %s", (edge - width,))
            else:
                yield Source("a.at < %s", (edge + width,))
    yield ALL


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
