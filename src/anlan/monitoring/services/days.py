"""The account of days: how many readings each UTC day has, and from which event time on its rollups are behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection

from anlan.monitoring.services.partitions import KINDS, Table, midnight, partitions_ensure, partitions_tidy, reach

_CHANGED = """
INSERT INTO monitoring_day (division, day, rows, changed_at, archive, sha256, dirty_from)
SELECT '', d, n, %s, '', '', f FROM unnest(%s::date[], %s::int8[], %s::timestamptz[]) AS x(d, n, f) ORDER BY d
ON CONFLICT (day) DO UPDATE SET rows = monitoring_day.rows + excluded.rows,
  changed_at = greatest(monitoring_day.changed_at, excluded.changed_at),
  dirty_from = least(monitoring_day.dirty_from, excluded.dirty_from)
"""
_MOVED = "SELECT count(*), min(at) FROM monitoring_reading WHERE at >= %s AND at < %s HAVING count(*) > 0"


def days_changed(changed: Mapping[date, tuple[int, datetime]], at: datetime) -> None:
    """Note that readings came: UTC day → (how many were new, the earliest event time among what came).

    A change of quality counts too, with 0 rows. Days out of reach (readings of the default partition) are left out.
    Call it in the transaction that stores the readings, as the last thing: the days' rows stay locked to its end.
    """
    first, last = reach()
    days = sorted(day for day in changed if first <= day <= last)
    if not days:
        return
    rows = [[changed[day][part] for day in days] for part in (0, 1)]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [at, days, *rows])


def days_ready(at: datetime) -> dict[Table, list[str]]:
    """Make the partitions of today and the days ahead, and those of days whose rows wait in a default partition.

    Returns the names of the partitions made. Moved readings count as come now.
    """
    today, ahead = at.date(), reach()[1]
    near = [date.fromordinal(n) for n in range(today.toordinal(), ahead.toordinal() + 1)]
    made: dict[Table, list[str]] = {table: partitions_ensure(table, near) + partitions_tidy(table) for table in KINDS}
    moved: dict[date, tuple[int, datetime]] = {}
    for name in made["reading"]:
        day = date.fromisoformat(name.rpartition("_")[2])
        with connection.cursor() as cursor:
            cursor.execute(_MOVED, [midnight(day), midnight(date.fromordinal(day.toordinal() + 1))])
            row = cursor.fetchone()
        if row:
            moved[day] = (row[0], row[1])
    days_changed(moved, at)
    return made
