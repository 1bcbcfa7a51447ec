"""Isolating a faulty station by a person's word, and mending it: its readings are kept and shown, and count for nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.monitoring.choices import StationState
from anlan.monitoring.events import StationIsolated, StationMended
from anlan.monitoring.models import Pulse, Series, Station
from anlan.monitoring.services.catalogue import catalogue_changed

LONGEST_REASON = 400


@transaction.atomic
def station_isolate(*, by: Actor, station: str, reason: str) -> Station:
    """Let a station's readings count for nothing until it is mended; its standing signals stay as they are judged.

    Raises NotFound, Forbidden, Invalid without a reason, Conflict when it is isolated already.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(
            code="station.no_reason", zh="请写明隔离原因，如“传感器进水，待更换”。",
            en="Say why it is isolated, such as “sensor flooded, to be exchanged”.", field="reason", value=reason,
        )  # fmt: skip
    row = _locked(by, station)
    if row.state == StationState.ISOLATED:
        raise Conflict(
            code="station.isolated", zh=f"测站“{station}”已隔离：{row.state_note}。",
            en=f"The station “{station}” is isolated already: {row.state_note}.", field="station", value=station,
        )  # fmt: skip
    now = clock.now()
    row.state, row.state_at, row.state_note = StationState.ISOLATED, now, reason[:LONGEST_REASON]
    row.save(update_fields=["state", "state_at", "state_note"])
    Series.objects.filter(station=row).update(state=StationState.ISOLATED, state_at=now)
    Pulse.objects.filter(station=row).update(due_at=None)
    event = StationIsolated(station=row.code, name=_name(row), station_kind=row.kind, reason=row.state_note)
    record(event, by=by, about=f"station:{row.pk}", division=row.division, at=now)
    return row


@transaction.atomic
def station_mend(*, by: Actor, station: str, note: str = "") -> Station:
    """Let a station's readings count again from now on; its clock of silence starts anew.

    Raises NotFound, Forbidden, and Conflict when it isn't isolated.
    """
    row = _locked(by, station)
    if row.state != StationState.ISOLATED:
        raise Conflict(
            code="station.not_isolated", zh=f"测站“{station}”没有被隔离。",
            en=f"The station “{station}” is not isolated.", field="station", value=station,
        )  # fmt: skip
    now = clock.now()
    event = StationMended(
        station=row.code, name=_name(row), station_kind=row.kind, note=note.strip()[:LONGEST_REASON],
        isolated_s=max(0, int((now - row.state_at) / timedelta(seconds=1))),
    )  # fmt: skip
    row.state, row.state_at, row.state_note = StationState.NORMAL, now, ""
    row.save(update_fields=["state", "state_at", "state_note"])
    series = list(Series.objects.filter(station=row).order_by("number"))
    Series.objects.filter(station=row).update(state=StationState.NORMAL, state_at=now)
    for one in series:
        Pulse.objects.filter(series=one).update(due_at=now + timedelta(seconds=one.max_silence_s))
    record(event, by=by, about=f"station:{row.pk}", division=row.division, at=now)
    return row


def _locked(by: Actor, code: str) -> Station:
    catalogue_changed()
    row: Station | None = by.scope.filter(Station.objects.select_for_update().filter(code=code)).first()
    if row is None:
        raise NotFound(
            code="station.none", zh=f"没有测站“{code}”，或不在您的管辖范围；请核对站码。",
            en=f"There is no station “{code}” within your scope; check the code.", field="station", value=code,
        )  # fmt: skip
    by.must("station.isolate", row.division)
    return row


def _name(row: Station) -> dict[str, str]:
    return {"zh": row.name_zh, "en": row.name_en}
