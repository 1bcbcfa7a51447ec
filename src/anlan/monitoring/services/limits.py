"""The limits of a series (特征值): alert, warning and guarantee level and what else rules speak of, set by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from math import isfinite

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.monitoring.events import StationLimitsChanged
from anlan.monitoring.models import Series, Station
from anlan.monitoring.services.catalogue import catalogue_changed

#: Each must not lie under the one before it.
LADDER = ("alert", "warning", "guarantee", "record")
MOST_LIMITS, LARGEST = 16, 1e9
_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")


@transaction.atomic
def station_limits_set(*, by: Actor, station: str, element: str, limits: Mapping[str, float]) -> Series:
    """Set all limits of a series, in its unit; a name that isn't given is taken away. No change writes nothing.

    Open signals stay until their next reading is judged against the new figures. Raises NotFound, Forbidden and
    Invalid (naming the limit) for a name or figure that can't be, or levels that don't rise.
    """
    catalogue_changed()
    row = by.scope.filter(Station.objects.select_for_update().filter(code=station)).first()
    series = row and Series.objects.select_for_update().filter(station=row, element=element).first()
    if row is None or series is None:
        raise NotFound(
            code="series.none", zh=f"没有测站“{station}”的测项“{element}”，或不在您的管辖范围；请核对。",
            en=f"There is no series “{element}” of a station “{station}” within your scope; check both.",
            field="station" if row is None else "element", value=station if row is None else element,
        )  # fmt: skip
    by.must("station.limits", row.division)
    after = {name: float(value) for name, value in limits.items()}
    _check(after)
    before = {name: float(value) for name, value in series.limits.items()}
    if before == after:
        return series
    series.limits = after
    series.save(update_fields=["limits"])
    if series.main:
        row.attributes = {**row.attributes, "limits": after}
        row.save(update_fields=["attributes"])
    event = StationLimitsChanged(
        station=row.code, name={"zh": row.name_zh, "en": row.name_en}, element=element, unit=series.unit,
        before=before, after=after,
    )  # fmt: skip
    record(event, by=by, about=f"station:{row.pk}", division=row.division, at=clock.now())
    return series


def _check(limits: Mapping[str, float]) -> None:
    if len(limits) > MOST_LIMITS:
        raise _wrong("limits", len(limits), f"至多 {MOST_LIMITS} 个特征值", f"at most {MOST_LIMITS} limits")
    for name, value in limits.items():
        if not _NAME.fullmatch(name):
            raise _wrong(name, name, "名称只用小写字母、数字和下划线", "use small letters, figures and _ in the name")
        if not isfinite(value) or abs(value) > LARGEST:
            raise _wrong(name, value, "须为普通数字", "must be an ordinary number")
    for suffix in ("", "_m"):
        steps = [f"{name}{suffix}" for name in LADDER if f"{name}{suffix}" in limits]
        for lower, upper in pairwise(steps):
            if limits[upper] < limits[lower]:
                raise _wrong(
                    upper, limits[upper],
                    f"不得低于 {lower}（{limits[lower]:g}）；请核对两者", f"must not lie under {lower} ({limits[lower]:g}); check both",
                )  # fmt: skip


def _wrong(name: str, value: object, zh: str, en: str) -> Invalid:
    return Invalid(
        code="limits.invalid", zh=f"特征值“{name}”有误：{zh}。", en=f"Limit “{name}”: {en}.", field=name, value=value
    )
