"""Small helpers of the storage tests: series without a worker, readings put straight into the table, a slow oracle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection

from anlan.monitoring.models import Series, Station
from anlan.monitoring.services.days import days_changed
from anlan.monitoring.services.partitions import partitions_ensure
from anlan.monitoring.services.spans import Span

D0 = datetime(2026, 11, 20, tzinfo=UTC)
Row = tuple[int, datetime, float, int]


def station(code: str, division: str = "410183108", **more: Any) -> Station:
    return Station.objects.create(
        id=uuid4(), code=code, division=division, name_zh=code + "站", name_en=code + " gauge", kind=more.get("kind", "rain"),
        metric="rain_mm", lon=113.5, lat=34.6, interval_s=300, max_silence_s=3600, state_at=D0,
    )  # fmt: skip


def series(number: int, kind: str = "increment", element: str = "rain_mm", **more: Any) -> Series:
    """A series of its own station `s<number>`, unless `station` is given."""
    at = more.pop("station", None) or station(
        f"s{number}", **({"division": more["division"]} if "division" in more else {})
    )
    whole = {
        "unit": "mm",
        "interval_s": 300,
        "max_silence_s": 3600,
        "division": at.division,
        "state_at": D0,
        "main": True,
    }
    return Series.objects.create(id=uuid4(), number=number, station=at, kind=kind, element=element, **{**whole, **more})


def put(rows: Iterable[Row], at: datetime | None = None) -> None:
    """Store readings as the worker does: partitions first, the account of days last; known ones are skipped."""
    every = list(rows)
    days = {when.astimezone(UTC).date() for _, when, _, _ in every}
    partitions_ensure("reading", days)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO monitoring_reading (series, at, value, quality) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            every,
        )
    of_day = {day: [when for _, when, _, _ in every if when.astimezone(UTC).date() == day] for day in days}
    days_changed({day: (len(times), min(times)) for day, times in of_day.items()}, at or D0)


def rollup(span: Span) -> dict[tuple[int, datetime], tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT series, at, count, total, low, high, last, doubtful FROM monitoring_{span.table}")
        return {(row[0], row[1]): row[2:] for row in cursor.fetchall()}


def oracle(rows: Sequence[Row], span: Span, upto: datetime, counters: dict[int, float | None]) -> dict[Any, Any]:
    """What a rollup must hold, one reading after the other."""
    found: dict[tuple[int, datetime], list[Row]] = {}
    rises: dict[tuple[int, datetime], float] = {}
    before: dict[int, float] = {}
    for number, at, value, quality in sorted(set(rows)):
        end = span.origin
        end += ((at - end) // span.length) * span.length
        end = end if end == at else end + span.length
        found.setdefault((number, end), []).append((number, at, value, quality))
        if number in counters and quality == 0:
            old, wrap = before.get(number, value), counters[number]
            rise = value - old
            if value < old:
                rise = value + wrap - old if wrap and old > 0.9 * wrap and value < 0.1 * wrap else value
            rises[number, end] = rises.get((number, end), 0.0) + rise
            before[number] = value
    made = {}
    for key, mine in found.items():
        good = [value for _, _, value, quality in mine if quality == 0]
        total = rises.get(key, 0.0) if key[0] in counters else sum(good)
        if key[1] <= upto:
            made[key] = (
                len(good), round(total, 6), min(good, default=None), max(good, default=None),
                good[-1] if good else None, len(mine) - len(good),
            )  # fmt: skip
    return made


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
