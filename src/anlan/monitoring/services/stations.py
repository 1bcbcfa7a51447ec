"""Registering stations: who they are, where they stand, and how long they may be silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.monitoring.choices import StationKind
from anlan.monitoring.events import StationRegistered
from anlan.monitoring.models import Pulse, Station
from anlan.monitoring.rules import watch_for

METRICS = {"rain": ("rain_mm",), "level": ("level_m", "depth_m", "gate_m")}
COMMON_LENGTHS = (12, 9, 6, 4, 2)
_KEPT = ("name_zh", "name_en", "kind", "metric", "lon", "lat", "place_code", "interval_s", "max_silence_s",
         "attributes", "division")  # fmt: skip


@dataclass(frozen=True)
class StationSpec:
    """Particulars of a station. Intervals in seconds; 0 takes the default of the kind (rules/data_watch.yaml).

    `limits`: metres by name, e.g. {"warning_m": 127.49}; `coord_src` says how sure the point (WGS-84 degrees) is.
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


@transaction.atomic
def stations_register(*, by: Actor, stations: Sequence[StationSpec], at: datetime | None = None) -> list[UUID]:
    """Register stations, or change the particulars of known ones; return their ids in the order given.

    A new station counts as reporting, and its clock of silence starts now. Raises Invalid and Forbidden.
    """
    moment = at or clock.now()
    for number, spec in enumerate(stations):
        _check(spec, number)
        by.must("station.register", spec.division)
    known = {s.code: s for s in Station.objects.select_for_update().filter(code__in=[s.code for s in stations])}
    new, changed = [], []
    for spec in stations:
        row = known.get(spec.code)
        if row is None:
            row = known[spec.code] = Station(id=ids.new_id(), code=spec.code, state_at=moment)
            new.append(row)
        elif row not in new:
            changed.append(row)
        for name, value in _columns(spec).items():
            setattr(row, name, value)
    Station.objects.bulk_create(new, batch_size=2000)
    Station.objects.bulk_update(changed, _KEPT, batch_size=2000)
    Pulse.objects.bulk_create(
        [Pulse(station=s, division=s.division, due_at=moment + timedelta(seconds=s.max_silence_s)) for s in new],
        batch_size=2000,
    )
    if stations:
        codes = [spec.code for spec in stations]
        division = common([spec.division for spec in stations])
        record(StationRegistered(count=len(codes), codes=codes), by=by, about="stations:", division=division, at=moment)
    return [known[spec.code].id for spec in stations]


def common(divisions: Sequence[str]) -> str:
    """Return the smallest division that holds all of them ('' if only the whole does)."""
    first = divisions[0]
    for length in COMMON_LENGTHS:
        if length <= len(first) and all(code.startswith(first[:length]) for code in divisions):
            return first[:length]
    return ""


def _columns(spec: StationSpec) -> dict[str, Any]:
    watch = watch_for(spec.kind)
    interval = spec.interval_s or watch.interval_s
    return {
        "name_zh": spec.name_zh, "name_en": spec.name_en, "kind": spec.kind, "metric": spec.metric,
        "lon": spec.lon, "lat": spec.lat, "place_code": spec.place_code, "interval_s": interval,
        "max_silence_s": spec.max_silence_s or interval * watch.silence_intervals,
        "attributes": {"limits": dict(spec.limits), "coord_src": spec.coord_src}, "division": spec.division,
    }  # fmt: skip


def _check(spec: StationSpec, number: int) -> None:
    if spec.kind not in StationKind.values:
        raise _wrong(number, "kind", spec.kind, f"站类只有 {StationKind.values}", f"kinds are {StationKind.values}")
    if spec.metric not in METRICS[spec.kind]:
        known = METRICS[spec.kind]
        raise _wrong(number, "metric", spec.metric, f"该站类的要素只有 {known}", f"metrics of this kind are {known}")
    if not (-180 <= spec.lon <= 180 and -90 <= spec.lat <= 90):
        raise _wrong(number, "lon", (spec.lon, spec.lat), "坐标应为 WGS-84 经纬度", "must be WGS-84 degrees")
    if not (spec.code and spec.division.isdigit()):
        raise _wrong(number, "code", spec.code, "站码和区划代码不能为空", "station and division code must be given")


def _wrong(number: int, field_: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="station.invalid",
        zh=f"第 {number + 1} 个测站的 {field_} 有误：{zh}。",
        en=f"Station {number + 1}, {field_}: {en}.",
        field=f"stations[{number}].{field_}",
        value=value,
    )
