"""Rain over the area: what fell at every gauge in a moving window, now or at a past moment, and means over areas."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from anlan.kernel.scope import Scope
from anlan.monitoring.selectors.grades import COLOURS
from anlan.monitoring.selectors.station import rows_of
from anlan.monitoring.selectors.station_sql import SIGNALS

WINDOWS = (1, 3, 6, 12, 24)
KEPT_S, MOST_KEPT = 20.0, 64
STALE = timedelta(hours=1)

_GAUGES = f"""
SELECT s.number, t.code, t.name_zh, t.name_en, t.lon, t.lat, t.division, t.state, s.max_silence_s, p.last_at,
  p.sum_1h, p.sum_3h, p.sum_24h, g.rank
FROM monitoring_station t
JOIN (SELECT DISTINCT ON (station_id) station_id, id, number, max_silence_s FROM monitoring_series
  WHERE element IN ('rain_mm', 'rain_total_mm') ORDER BY station_id, element) s ON s.station_id = t.id
LEFT JOIN monitoring_pulse p ON p.series_id = s.id {SIGNALS}
WHERE t.division ^@ ANY(%s) ORDER BY t.code
"""
_SUMS = """
SELECT r.series, sum(r.value) AS total, max(r.at) AS last_at FROM monitoring_reading r
WHERE r.series = ANY(%s) AND r.at > %s AND r.at <= %s AND r.quality = 0 GROUP BY r.series
"""
_AREAS = """
SELECT a.code, a.name_zh, a.name_en, a.kind, array_agg(s.number) AS numbers, array_agg(m.weight) AS weights
FROM monitoring_area a JOIN monitoring_areamember m ON m.area_id = a.id JOIN monitoring_series s ON s.id = m.series_id
WHERE a.division ^@ ANY(%s) AND s.element IN ('rain_mm', 'rain_total_mm')
GROUP BY a.code, a.name_zh, a.name_en, a.kind ORDER BY a.code
"""


class Gauge(NamedTuple):
    """A rain gauge and what fell there: `mm` in the window, None when nothing is known (silent, or isolated)."""

    number: int
    code: str
    name: dict[str, str]
    lon: float
    lat: float
    division: str
    state: str
    colour: str
    mm: float | None


class Mean(NamedTuple):
    """A mean over an area or a division (mm): of `known` of `all` gauges; None when none is known."""

    code: str
    name: dict[str, str]
    mm: float | None
    highest: float | None
    known: int
    all: int


_kept: OrderedDict[tuple[Any, ...], tuple[float, tuple[Gauge, ...]]] = OrderedDict()
_lock = Lock()


def rain_gauges(scope: Scope, window: int, now: datetime, at: datetime | None = None) -> tuple[Gauge, ...]:
    """Return the rain gauges in scope by code with what fell in the `window` (hours) that ends at `at`, or now.

    One query for 1, 3 and 24 hours up to now (the pulses know), else two; kept for some seconds.
    """
    key = (scope.prefixes, window, at)
    with _lock:
        kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    rows = rows_of(_GAUGES, [list(scope.prefixes)])
    sums = _pulse_sums(rows, window) if at is None and window in (1, 3, 24) else _window_sums(rows, window, at or now)
    found = tuple(_gauge(row, sums, at or now, window, at is None) for row in rows)
    with _lock:
        _kept[key] = time.monotonic(), found
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _pulse_sums(rows: list[dict[str, Any]], window: int) -> dict[int, tuple[float, datetime]]:
    return {
        row["number"]: (row[f"sum_{window}h"], row["last_at"])
        for row in rows
        if row["last_at"] is not None and row[f"sum_{window}h"] is not None
    }


def _window_sums(rows: list[dict[str, Any]], window: int, end: datetime) -> dict[int, tuple[float, datetime]]:
    numbers = [row["number"] for row in rows]
    found = rows_of(_SUMS, [numbers, end - timedelta(hours=window), end])
    return {row["series"]: (row["total"], row["last_at"]) for row in found}


def _gauge(
    row: Mapping[str, Any], sums: Mapping[int, tuple[float, datetime]], end: datetime, window: int, present: bool
) -> Gauge:
    """A sum counts only when the gauge was still speaking when the window ended: silence is not "no rain"."""
    total, last = sums.get(row["number"], (None, None))
    allowed = max(timedelta(seconds=row["max_silence_s"]), STALE)
    silent = last is None or end - last > allowed or (present and row["state"] in ("silent", "isolated"))
    name = {"zh": row["name_zh"], "en": row["name_en"]}
    return Gauge(
        row["number"], row["code"], name, row["lon"], row["lat"], row["division"], row["state"],
        COLOURS[row["rank"] or 0], None if silent or total is None else round(total, 1),
    )  # fmt: skip


def area_means(scope: Scope, gauges: tuple[Gauge, ...]) -> list[Mean]:
    """Return the weighted mean of each area (basin) from what is known of its gauges, largest first. One query."""
    known = {gauge.number: gauge.mm for gauge in gauges if gauge.mm is not None}
    found = []
    for row in rows_of(_AREAS, [list(scope.prefixes)]):
        pairs = [(known[n], w) for n, w in zip(row["numbers"], row["weights"], strict=True) if n in known]
        mean = sum(mm * w for mm, w in pairs) / sum(w for _, w in pairs) if pairs else None
        name = {"zh": row["name_zh"], "en": row["name_en"]}
        highest = max((mm for mm, _ in pairs), default=None)
        found.append(Mean(row["code"], name, mean, highest, len(pairs), len(row["numbers"])))
    return sorted(found, key=_driest_last)


def division_means(gauges: tuple[Gauge, ...], length: int) -> list[Mean]:
    """Return the plain mean of the gauges of each division (codes cut to `length`), largest first; names left empty."""
    groups: dict[str, list[float | None]] = {}
    for gauge in gauges:
        groups.setdefault(gauge.division[:length], []).append(gauge.mm)
    found = []
    for code, all_ in groups.items():
        known = [mm for mm in all_ if mm is not None]
        mean = sum(known) / len(known) if known else None
        found.append(Mean(code, {}, mean, max(known, default=None), len(known), len(all_)))
    return sorted(found, key=_driest_last)


def _driest_last(mean: Mean) -> tuple[float, str]:
    return (-(mean.mm if mean.mm is not None else -1.0), mean.code)
