"""Stations as they are registered, turned back into what registering takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from anlan.kernel.problem import Conflict, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Station
from anlan.monitoring.services.stations import SeriesSpec, StationSpec
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.streams_given import Measured


def station_of(scope: Scope, key: Any, field: str) -> Station:
    """Return a station by code (or row id) with its series. NotFound outside the scope."""
    by = {"pk": key} if isinstance(key, UUID) else {"code": str(key)}
    rows = scope.filter(Station.objects.filter(**by).prefetch_related("series"))
    found: Station | None = rows.first()
    if found is None:
        raise NotFound(
            code="sta.no_thing", zh=f"没有测站“{str(key)[:40]}”，或不在您的管辖范围；请核对站码。",
            en=f"There is no Thing “{str(key)[:40]}” within your scope; check its id.", field=field, value=str(key)[:80],
        )  # fmt: skip
    return found


def must_be_new(code: str) -> None:
    """Refuse a code that a station has already: registering it again would change that one."""
    if Station.objects.filter(code=code).exists():
        raise Conflict(
            code="sta.thing_there", zh=f"已有测站“{code}”；请改用 PATCH，或换一个 properties.code。",
            en=f"There is a Thing “{code}” already; PATCH it, or choose another properties.code.",
            field="properties.code", value=code,
        )  # fmt: skip


def spec_of(
    station: Station, *more: SeriesSpec, point: tuple[float, float] | None = None, name: str | None = None
) -> StationSpec:
    """Return what registering a station again takes: as it is, but for what is named."""
    series = [
        SeriesSpec(one.element, one.unit, one.kind, one.interval_s, one.max_silence_s, one.limits, one.checks)
        for one in station.series.all()
    ]
    spec = StationSpec(
        code=station.code, name_zh=station.name_zh, name_en=station.name_en, kind=station.kind, metric=station.metric,
        lon=station.lon, lat=station.lat, division=station.division, place_code=station.place_code,
        interval_s=station.interval_s, max_silence_s=station.max_silence_s,
        limits=dict(station.attributes.get("limits", {})), coord_src=str(station.attributes.get("coord_src", "")),
        series=(*series, *more),
    )  # fmt: skip
    if point is not None:
        spec = replace(spec, lon=point[0], lat=point[1])
    return spec if name is None else replace(spec, name_zh=name, name_en=name)


def main_of(said: Given, streams: list[Measured]) -> str:
    """Return the element a new station chiefly measures: as told, or that of its first series."""
    told = said.get("metric")
    elements = [one.spec.element for one in streams]
    if len(set(elements)) < len(elements):
        raise unreadable("Datastreams", elements, "同一测站的数据流要素不能重复。",
                         "No two Datastreams of one station have the same ObservedProperty.")  # fmt: skip
    if isinstance(told, str) and told in elements:
        return told
    if not elements:
        raise unreadable("Datastreams", "", "请在 Thing 中嵌入至少一个 Datastream（含 ObservedProperty）。",
                         "Nest at least one Datastream (with its ObservedProperty) in the Thing.")  # fmt: skip
    return elements[0]
