"""What the reactions need to know of monitoring: water at stop-lines, where it still rains red."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.monitoring.models import Reading as StationReading
from anlan.monitoring.models import Series, Signal
from anlan.response.engine.stopline import Reading
from anlan.response.models import StopLine
from anlan.response.selectors.facts import OVER_LIMIT
from anlan.warning.models import Warning

LEVEL = "level_m"
RAIN = "11B03"


def stopline_readings(first: datetime, last: datetime) -> list[Reading]:
    """Return the good water readings from `first` to `last` at places with a stop-line, by place and time. A level is
    turned into metres over the station's own limit. Places where the water stands as it stood are left out. At most
    three queries, over the water stations alone."""
    rows = Series.objects.filter(station__kind="level", station__place_code__isnull=False, main=True).order_by("number")
    named = rows.values_list("number", "station__place_code", "element", "limits")
    stations = {key: (place or "", metric, limits) for key, place, metric, limits in named}
    read = StationReading.objects.filter(series_id__in=list(stations), at__gte=first, at__lte=last, quality=0)
    told = read.order_by("at", "series_id").values_list("series__number", "at", "value")
    values = list(told) if stations else []
    found = sorted(r for key, at, value in values if (r := _reading(*stations[key], at, value)) is not None)
    if not found:
        return []
    lines = StopLine.objects.filter(place__code__in=sorted({reading.place for reading in found}))
    held = {
        (place, metric): (value, state, limit)
        for place, metric, value, state, limit in lines.order_by("id").values_list(
            "place__code", "metric", "value", "state", "limit"
        )
    }
    news = {(r.place, r.metric) for r in found if (line := held.get((r.place, r.metric))) and _tells(line, r.value)}
    return [reading for reading in found if (reading.place, reading.metric) in news]


def _tells(line: tuple[float | None, str, float], value: float) -> bool:
    """Has the water moved, or does it stand over a line that is watched (again)?"""
    before, state, limit = line
    return before != value or (state == "watching" and value >= limit)


def _reading(place: str, metric: str, limits: dict[str, Any], at: datetime, value: float) -> Reading | None:
    if metric != LEVEL:
        return Reading(place, metric, value, at)
    limit = limits.get("warning_m")
    return Reading(place, OVER_LIMIT, round(value - limit, 3), at) if limit is not None else None


def red_areas(colour: str, at: datetime) -> list[str]:
    """Return the prefixes under rain of `colour` at `at`: townships of firing gauge signals, areas of warnings in force.
    Two queries."""
    rows = Signal.objects.filter(state="firing", level=colour, station__kind="rain")
    found = {division[:9] for division in rows.values_list("division", flat=True)}
    warned = Warning.objects.filter(state="in_force", hazard=RAIN, colour=colour, effective__lte=at, expires__gt=at)
    for area in warned.values_list("area", flat=True):
        found.update(area)
    return sorted(found)
