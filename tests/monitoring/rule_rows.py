"""Signals laid down by hand for the tests of pages and of passing on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.kernel import ids
from anlan.monitoring.models import Series, Signal, Station

EXPLAINED = {
    "zh": "雨量达到标准。",
    "en": "Rain reaches the line.",
    "numbers": {"threshold": 50.0, "over": 5.0, "value": 55.0},
}


def station(code: str, at: datetime, division: str = "410183108", **more: Any) -> Station:
    whole = {"kind": "rain", "metric": "rain_mm", "lon": 113.5, "lat": 34.6, "interval_s": 600, "max_silence_s": 1800,
             "state_at": at, "name_zh": f"{code}站", "name_en": f"{code} gauge", **more}  # fmt: skip
    return Station(id=ids.new_id(), code=code, division=division, **whole)


def series(number: int, of: Station, at: datetime, element: str = "rain_mm", kind: str = "increment") -> Series:
    return Series(
        id=ids.new_id(), number=number, station=of, division=of.division, element=element, unit="mm", kind=kind, main=True,
        interval_s=600, max_silence_s=1800, state_at=at,
    )  # fmt: skip


def signal(of: Station | None, at: datetime, level: str = "orange", **more: Any) -> Signal:
    whole = {"rule": "rainstorm", "rule_version": "16-2007", "hazard": "11B03", "state": "firing", "value": 55.0,
             "window_h": 3, "explanation": EXPLAINED, "opened_at": at, "level_at": at,
             "division": of.division if of else "410183", "place": f"t:{of.code}" if of else "a:x", **more}  # fmt: skip
    return Signal(id=ids.new_id(), station=of, level=level, **whole)


def laid(count: int, at: datetime, division: str = "410183108") -> list[Signal]:
    """Lay down so many stations with a signal each, every level in turn, a second apart."""
    stations = [station(f"R{n:05d}", at, division) for n in range(count)]
    Station.objects.bulk_create(stations, batch_size=2000)
    levels = ("blue", "yellow", "orange", "red")
    rows = [signal(s, at + timedelta(seconds=n), levels[n % 4]) for n, s in enumerate(stations)]
    Signal.objects.bulk_create(rows, batch_size=2000)
    return rows
