"""What the reactions need to know of monitoring: water at stop-lines, where it still rains red."""

from __future__ import annotations

from datetime import datetime

from anlan.monitoring.models import Reading as StationReading
from anlan.monitoring.models import Signal, Station
from anlan.response.engine.stopline import Reading
from anlan.response.models import StopLine
from anlan.response.selectors.facts import OVER_LIMIT
from anlan.warning.models import Warning

LEVEL = "level_m"
RAIN = "11B03"


def stopline_readings(first: datetime, last: datetime) -> list[Reading]:
    """Return the good water readings from `first` to `last` at places with a stop-line, by place and time. A level is
    turned into metres over the station's own limit. Places where the water stands as it stood are left out. At most
    three queries."""
    lines = StopLine.objects.select_related("place").order_by("place__code")
    held = {(line.place.code, line.metric): line for line in lines}
    codes = sorted({place for place, _ in held})
    stations = {row.pk: row for row in Station.objects.filter(kind="level", place_code__in=codes).order_by("code")}
    if not stations:
        return []
    rows = StationReading.objects.filter(station_id__in=list(stations), at__gte=first, at__lte=last, quality=0)
    read = [_reading(stations[key], at, value) for key, at, value in
            rows.order_by("at", "station_id").values_list("station_id", "at", "value")]  # fmt: skip
    found = sorted(reading for reading in read if reading is not None)
    news = {(reading.place, reading.metric) for reading in found if _tells(held, reading)}
    return [reading for reading in found if (reading.place, reading.metric) in news]


def _tells(held: dict[tuple[str, str], StopLine], reading: Reading) -> bool:
    """Has the water moved, or does it stand over a line that is watched (again)?"""
    line = held.get((reading.place, reading.metric))
    if line is None:
        return False
    return line.value != reading.value or (line.state == "watching" and reading.value >= line.limit)


def _reading(station: Station, at: datetime, value: float) -> Reading | None:
    place = station.place_code or ""
    if station.metric != LEVEL:
        return Reading(place, station.metric, value, at)
    limit = (station.attributes.get("limits") or {}).get("warning_m")
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
