"""Writes changes of signals: rows set-based, one event for each change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.kernel import ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event
from anlan.monitoring.choices import SignalState
from anlan.monitoring.events import SignalChange, SignalCleared, SignalLowered, SignalOpened, SignalRaised
from anlan.monitoring.models import Signal
from anlan.monitoring.services._old_intake import Known, moment
from anlan.monitoring.services.judging import Change

Recorded = tuple[Event, dict[str, Any]]
_EVENTS: dict[str, type[SignalChange]] = {
    "opened": SignalOpened, "raised": SignalRaised, "lowered": SignalLowered, "cleared": SignalCleared,
}  # fmt: skip
_UPDATE = """
UPDATE monitoring_signal s SET level = x.level, state = x.state, level_at = x.level_at, cleared_at = x.cleared_at,
       value = x.value, window_h = x.window_h, explanation = x.explanation::jsonb
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::int2[],
            %s::text[]) AS x(id, level, state, level_at, cleared_at, value, window_h, explanation)
WHERE s.id = x.id
"""


def write(by: Actor, stations: Sequence[Known], changes: Sequence[Change]) -> list[Recorded]:
    """Open, raise, lower and clear signals as the changes say, in order; return the events to record.

    A signal that opens and clears within one batch of late data leaves a cleared row and both events.
    """
    standing: dict[int, UUID] = {n: s.firing.id for n, s in enumerate(stations) if s.firing is not None}
    opened: dict[UUID, Signal] = {}
    updates: dict[UUID, tuple[Any, ...]] = {}
    events: list[Recorded] = []
    for change in changes:
        station = stations[change.station]
        if change.transition.action == "opened":
            signal = _new(station, change)
            standing[change.station] = signal.id
            opened[signal.id] = signal
        key = standing[change.station]
        if key in opened:
            _lay(opened[key], change)
        else:
            updates[key] = _columns(change)
        if change.transition.action == "cleared":
            del standing[change.station]
        events.append(_told(by, key, station, change))
    if updates:
        rows = [(key, *columns) for key, columns in sorted(updates.items())]
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(column) for column in zip(*rows, strict=True)])
    Signal.objects.bulk_create(opened.values(), batch_size=2000)
    return events


def _new(station: Known, change: Change) -> Signal:
    return Signal(
        id=ids.new_id(),
        division=station.division,
        rule=change.cited.rule.code,
        rule_version=change.cited.pack.version,
        station_id=station.id,
        opened_at=moment(change.transition.at),
    )


def _lay(signal: Signal, change: Change) -> None:
    """Lay a change over a signal that isn't written yet; a cleared signal keeps the level it had."""
    at = moment(change.transition.at)
    signal.level = change.level or change.previous
    signal.value, signal.window_h, signal.explanation = change.value, change.window_h, change.explanation
    signal.level_at = at
    if change.transition.action == "cleared":
        signal.state, signal.cleared_at = SignalState.CLEARED, at


def _columns(change: Change) -> tuple[Any, ...]:
    at = moment(change.transition.at)
    cleared = change.transition.action == "cleared"
    state = SignalState.CLEARED if cleared else SignalState.FIRING
    words = json.dumps(change.explanation, ensure_ascii=False)
    level = change.level or change.previous
    return level, state, at, at if cleared else None, change.value, change.window_h, words


def _told(by: Actor, key: UUID, station: Known, change: Change) -> Recorded:
    event = _EVENTS[change.transition.action](
        signal=str(key),
        station=station.code,
        name=station.name,
        station_kind=station.kind,
        metric=station.metric,
        place=station.place,
        rule=change.cited.rule.code,
        rule_version=change.cited.pack.version,
        level=change.level,
        previous=change.previous,
        value=round(change.value, 3),
        threshold=change.threshold,
        unit=change.cited.rule.unit,
        window_h=change.window_h,
        explanation=change.explanation,
    )
    at = moment(change.transition.at)
    return event, {"by": by, "about": f"signal:{key}", "division": station.division, "at": at}
