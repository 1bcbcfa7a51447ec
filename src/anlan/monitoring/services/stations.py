"""Registering stations: who they are, where they stand, what they measure, and how long they may be silent."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.monitoring.choices import SeriesKind, StationKind
from anlan.monitoring.events import StationRegistered
from anlan.monitoring.models import Pulse, Series, Station
from anlan.monitoring.services.catalogue import catalogue_changed
from anlan.monitoring.services.elements import FREE_UNIT, METRICS, element_of, watch_of

COMMON_LENGTHS = (12, 9, 6, 4, 2)
MANY = 2000
MANY_NEW = 1000
LONGEST_METRIC, LONGEST_ELEMENT = 16, 24
_KEPT = ("name_zh", "name_en", "kind", "metric", "lon", "lat", "place_code", "interval_s", "max_silence_s",
         "attributes", "division")  # fmt: skip
_SERIES_KEPT = ("division", "unit", "kind", "main", "interval_s", "max_silence_s", "limits", "checks")


@dataclass(frozen=True)
class SeriesSpec:
    """A further thing a station measures. unit, kind (increment, gauge or counter): '' takes those of the element
    (services/elements.py). Seconds: 0 takes the station's. limits, checks: as of models.Series."""

    element: str
    unit: str = ""
    kind: str = ""
    interval_s: int = 0
    max_silence_s: int = 0
    limits: dict[str, float] = field(default_factory=dict)
    checks: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class StationSpec:
    """Particulars of a station. Intervals in seconds; 0 takes the default of the kind (rules/data_watch.yaml).

    `limits`: metres by name, e.g. {"warning_m": 127.49}; `coord_src` says how sure the point (WGS-84 degrees) is.
    metric: element of the main series, `checks` and `limits` its own; `unit` '' takes that of the element. series:
    further elements; one that names the metric's element says more of the main series.
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    metric: str
    lon: float
    lat: float
    division: str
    place_code: str | None = None
    interval_s: int = 0
    max_silence_s: int = 0
    limits: dict[str, float] = field(default_factory=dict)
    coord_src: str = ""
    series: tuple[SeriesSpec, ...] = ()
    unit: str = ""
    checks: dict[str, float] = field(default_factory=dict)


@transaction.atomic
def stations_register(*, by: Actor, stations: Sequence[StationSpec], at: datetime | None = None) -> list[UUID]:
    """Register stations, or change the particulars of known ones; return their ids in the order given.

    A new station counts as reporting, and its clock of silence starts now. Raises Invalid and Forbidden.
    """
    moment = at or clock.now()
    for number, spec in enumerate(stations):
        _check(spec, number)
        by.must("station.register", spec.division)
    catalogue_changed()
    known = {s.code: s for s in Station.objects.select_for_update().filter(code__in=[s.code for s in stations])}
    before = set(known)
    new: list[Station] = []
    changed: dict[str, Station] = {}
    for spec in stations:
        row = known.get(spec.code)
        if row is None:
            row = known[spec.code] = Station(id=ids.new_id(), code=spec.code, state_at=moment)
            new.append(row)
        elif spec.code in before:
            changed[spec.code] = row
        for name, value in _columns(spec).items():
            setattr(row, name, value)
    Station.objects.bulk_create(new, batch_size=MANY)
    Station.objects.bulk_update(list(changed.values()), _KEPT, batch_size=MANY)
    _series(stations, known, moment)
    if stations:
        codes = [spec.code for spec in stations]
        division = common([spec.division for spec in stations])
        record(StationRegistered(count=len(codes), codes=codes), by=by, about="stations:", division=division, at=moment)
    return [known[spec.code].id for spec in stations]


def _series(stations: Sequence[StationSpec], known: dict[str, Station], moment: datetime) -> None:
    """Make the stations' series, with their pulses; those that are there already get the new particulars."""
    held: dict[UUID, dict[str, Series]] = {known[spec.code].pk: {} for spec in stations}
    for series in Series.objects.filter(station__in=list(held)).order_by("number"):
        held[series.station_id][series.element] = series
    before = {series.pk for mine in held.values() for series in mine.values()}
    new: list[Series] = []
    changed: dict[UUID, Series] = {}
    for spec in stations:
        station = known[spec.code]
        mine, told = held[station.pk], dict(_measured(spec))
        for element in told:
            if element not in mine:
                mine[element] = Series(id=ids.new_id(), station=station, element=element, state=station.state,
                                       state_at=moment, shard=shard_of(spec.code))  # fmt: skip
                new.append(mine[element])
        for element, series in mine.items():
            for name, value in told.get(element, {"main": False, "division": spec.division}).items():
                setattr(series, name, value)
            if series.pk in before:
                changed[series.pk] = series
    _numbered(new)
    for main in (False, True):  # the old main series steps back before a new one steps up
        Series.objects.bulk_update([s for s in changed.values() if s.main is main], _SERIES_KEPT, batch_size=MANY)
    Series.objects.bulk_create(new, batch_size=MANY)
    Pulse.objects.bulk_create(
        [
            Pulse(series=s, station_id=s.station_id, division=s.division, main=s.main,
                  due_at=moment + timedelta(seconds=s.max_silence_s))
            for s in new
        ],
        batch_size=MANY,
    )  # fmt: skip
    _pulses_follow(list(changed))
    if len(new) >= MANY_NEW:  # the planner would otherwise take the tables for empty until they are looked at by chance
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE monitoring_station, monitoring_series, monitoring_pulse")


_FOLLOW = """
UPDATE monitoring_pulse p SET main = s.main, division = s.division FROM monitoring_series s
WHERE s.id = p.series_id AND s.id = ANY(%s) AND (p.main, p.division) IS DISTINCT FROM (s.main, s.division)
"""


def _pulses_follow(series: list[UUID]) -> None:
    """Let the pulses say of their series what these say of themselves."""
    if series:
        with connection.cursor() as cursor:
            cursor.execute(_FOLLOW, [series])


def _numbered(series: Sequence[Series]) -> None:
    """Give new series their numbers, in the order given."""
    if not series:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('monitoring_series_number') FROM generate_series(1, %s)", [len(series)])
        for row, (number,) in zip(series, sorted(cursor.fetchall()), strict=True):
            row.number = number


def shard_of(code: str) -> int:
    """Return the shard that a new station is judged in."""
    shards: int = max(options.monitoring_shards, 1)
    return zlib.crc32(code.encode()) % shards


def common(divisions: Sequence[str]) -> str:
    """Return the smallest division that holds all of them ('' if only the whole does)."""
    first = divisions[0]
    for length in COMMON_LENGTHS:
        if length <= len(first) and all(code.startswith(first[:length]) for code in divisions):
            return first[:length]
    return ""


def _columns(spec: StationSpec) -> dict[str, Any]:
    interval, silence = _clock(spec)
    return {
        "name_zh": spec.name_zh, "name_en": spec.name_en, "kind": spec.kind, "metric": spec.metric,
        "lon": spec.lon, "lat": spec.lat, "place_code": spec.place_code, "interval_s": interval,
        "max_silence_s": silence, "attributes": {"limits": dict(spec.limits), "coord_src": spec.coord_src},
        "division": spec.division,
    }  # fmt: skip


def _clock(spec: StationSpec) -> tuple[int, int]:
    """Return a station's interval and longest silence, seconds."""
    interval, intervals = watch_of(spec.kind)
    interval = spec.interval_s or interval
    return interval, spec.max_silence_s or interval * intervals


def _measured(spec: StationSpec) -> list[tuple[str, dict[str, Any]]]:
    """Return the columns of each of a station's series by element, the main one first."""
    interval, silence = _clock(spec)
    main = SeriesSpec(spec.metric, spec.unit, limits=spec.limits, checks=spec.checks)
    further = {series.element: series for series in spec.series}
    if spec.metric in further:
        more = further.pop(spec.metric)
        main = SeriesSpec(
            spec.metric, more.unit or spec.unit, more.kind, more.interval_s, more.max_silence_s,
            {**spec.limits, **more.limits}, {**spec.checks, **more.checks},
        )  # fmt: skip
    found = []
    for series in (main, *further.values()):
        element = element_of(series.element)
        every = series.interval_s or interval
        longest = series.max_silence_s or (every * silence // interval if series.interval_s else silence)
        columns = {
            "division": spec.division, "unit": series.unit or element.unit, "kind": series.kind or element.kind,
            "main": series is main, "interval_s": every, "max_silence_s": longest, "limits": dict(series.limits),
            "checks": dict(series.checks),
        }  # fmt: skip
        found.append((series.element, columns))
    return found


def _check(spec: StationSpec, number: int) -> None:
    if spec.kind not in StationKind.values:
        raise _wrong(number, "kind", spec.kind, f"站类只有 {StationKind.values}", f"kinds are {StationKind.values}")
    if spec.kind in METRICS and spec.metric not in METRICS[spec.kind]:
        known = METRICS[spec.kind]
        raise _wrong(number, "metric", spec.metric, f"该站类的要素只有 {known}", f"metrics of this kind are {known}")
    if not (-180 <= spec.lon <= 180 and -90 <= spec.lat <= 90):
        raise _wrong(number, "lon", (spec.lon, spec.lat), "坐标应为 WGS-84 经纬度", "must be WGS-84 degrees")
    if not (spec.code and spec.division.isdigit()):
        raise _wrong(number, "code", spec.code, "站码和区划代码不能为空", "station and division code must be given")
    if not 0 < len(spec.metric) <= LONGEST_METRIC:
        remedy = f"要素代码为 1 至 {LONGEST_METRIC} 个字符", f"an element has 1 to {LONGEST_METRIC} characters"
        raise _wrong(number, "metric", spec.metric, *remedy)
    for place, series in enumerate(spec.series):
        if not 0 < len(series.element) <= LONGEST_ELEMENT or len(series.unit) > FREE_UNIT:
            remedy = "要素代码为 1 至 24 个字符，单位至多 16 个", "an element has 1 to 24 characters, a unit at most 16"
            raise _wrong(number, f"series[{place}].element", series.element, *remedy)
        if series.kind and series.kind not in SeriesKind.values:
            remedy = f"测项类型只有 {SeriesKind.values}", f"kinds of series are {SeriesKind.values}"
            raise _wrong(number, f"series[{place}].kind", series.kind, *remedy)


def _wrong(number: int, field_: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="station.invalid",
        zh=f"第 {number + 1} 个测站的 {field_} 有误：{zh}。",
        en=f"Station {number + 1}, {field_}: {en}.",
        field=f"stations[{number}].{field_}",
        value=value,
    )
