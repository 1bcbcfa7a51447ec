"""Rows of signals, their steps and trails: read and written set-based, a handful of statements whatever their number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from anlan.kernel import ids
from anlan.monitoring.choices import SignalState
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.engine.machine import State
from anlan.monitoring.engine.outcome import Happening, Standing, Step
from anlan.monitoring.models import Signal, SignalStep
from anlan.monitoring.services.storing import moment
from anlan.monitoring.services.telling import Spot, Words, hours, reasons

MANY = 2000
STANDING = (SignalState.PENDING.value, SignalState.FIRING.value)


class Row(NamedTuple):
    """A signal as it stands in the table."""

    id: UUID
    rule: str
    place: str
    state: str
    level: str
    opened_at: datetime
    level_at: datetime
    cleared_at: datetime | None


class Kept(NamedTuple):
    """A step that still holds; `at` in µs."""

    id: int
    event: Happening
    at: int
    level: str
    previous: str
    value: float
    threshold: float
    window_h: float
    explanation: dict[str, Any]

    def as_step(self, standing: Standing) -> Step:
        """Return it as the engine's step."""
        window = round(self.window_h * 3600)
        return Step(
            standing.rule, standing.version, standing.place, self.event, self.at, self.level, self.previous, self.value,
            self.threshold, window, "sum" if window else "last", "", -1,
        )  # fmt: skip


@dataclass
class Laid:
    """What becomes of one signal's row, and the fresh steps it takes. Fields that are None stay as they are."""

    id: UUID
    fresh: bool
    state: str
    standing: Standing | None = None
    spot: Spot | None = None
    level: str = ""
    opened_at: datetime | None = None
    level_at: datetime | None = None
    cleared_at: datetime | None = None
    recovering: datetime | None = None
    value: float | None = None
    window_h: float | None = None
    explanation: dict[str, Any] | None = None
    hazard: str = ""
    steps: list[tuple[Step, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def new(cls, key: UUID, fresh: bool, standing: Standing, spot: Spot, run: Sequence[Step]) -> Laid:
        """A signal that opens with these steps."""
        laid = cls(key, fresh, SignalState.FIRING, standing, spot, opened_at=moment(run[0].at))
        laid._end(run[-1], standing.state)
        return laid

    @classmethod
    def over(cls, row: Row, standing: Standing, run: Sequence[Step], early: Sequence[Kept]) -> Laid:
        """A signal that goes on: with these steps, after the early ones that are kept (known when it is reworked)."""
        laid = cls(
            row.id, False, row.state, standing, level=row.level, level_at=row.level_at, cleared_at=row.cleared_at
        )
        if early or run:
            first = early[0].at if early else run[0].at
            laid.opened_at = moment(first) if early or run[0].event == "opened" else None
        if run:
            laid._end(run[-1], standing.state)
        elif early:
            laid.explanation = early[-1].explanation
            laid._end(early[-1].as_step(standing), standing.state)
        elif row.state == SignalState.FIRING and standing.state.below is not None:
            laid.recovering = moment(standing.state.below[0])
        return laid

    @classmethod
    def lapsed(cls, row: Row, now: int) -> Laid:
        """A signal that never was."""
        return cls(row.id, False, SignalState.LAPSED, level=row.level, level_at=row.level_at, cleared_at=moment(now))

    @classmethod
    def pending(cls, key: UUID, fresh: bool, standing: Standing, spot: Spot, level: str, since: int) -> Laid:
        """A line that is crossed, not long enough yet."""
        at = moment(since)
        return cls(
            key, fresh, SignalState.PENDING, standing, spot, level, at, at, value=0.0, window_h=0.0, explanation={}
        )

    def _end(self, last: Step, state: State) -> None:
        """Let the row say what its last step says; a cleared signal keeps the level it had."""
        at = moment(last.at)
        self.level, self.level_at = last.level or last.previous, at
        self.value, self.window_h = last.value, hours(last.window_s)
        cleared = last.event == "cleared"
        self.state = SignalState.CLEARED if cleared else SignalState.FIRING
        self.cleared_at = at if cleared else None
        below = None if cleared else state.below
        self.recovering = None if below is None else moment(below[0])


_ROWS = """
SELECT g.id, g.rule, g.place, g.state, g.level, g.opened_at, g.level_at, g.cleared_at
FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS x(rule, place, since)
JOIN monitoring_signal g ON g.place = x.place AND g.rule = x.rule
  AND (g.state IN ('pending', 'firing') OR (g.state = 'cleared' AND g.cleared_at >= x.since))
ORDER BY g.opened_at, g.id
"""
_KEPT = """
SELECT signal_id, id, event, at, level, previous, value, threshold, window_h, explanation::text
FROM monitoring_signalstep WHERE signal_id = ANY(%s) AND superseded_at IS NULL AND event <> 'suspect' ORDER BY at, id
"""
_UPDATE = """
UPDATE monitoring_signal g SET state = x.state, level = x.level, opened_at = coalesce(x.opened, g.opened_at),
  level_at = x.level_at, cleared_at = x.cleared, recovering_since = x.recovering, value = coalesce(x.value, g.value),
  window_h = coalesce(x.window_h, g.window_h), explanation = coalesce(x.why::jsonb, g.explanation),
  suspect = g.suspect AND x.value IS NULL
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
  %s::timestamptz[], %s::float8[], %s::float8[], %s::text[])
  AS x(id, state, level, opened, level_at, cleared, recovering, value, window_h, why)
WHERE g.id = x.id
"""


def standing_rows(keys: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str], list[Row]]:
    """Return for each (rule, place, since) the signals that stand, or ended at or after `since`; oldest first."""
    if not keys:
        return {}
    names, places, since = zip(*keys, strict=True)
    found: dict[tuple[str, str], list[Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(names), list(places), [_moment(us) for us in since]])
        for row in map(Row._make, cursor.fetchall()):
            found.setdefault((row.rule, row.place), []).append(row)
    return found


def kept_steps(signals: Sequence[UUID]) -> dict[UUID, list[Kept]]:
    """Return the steps of these signals that still hold, by event time."""
    found: dict[UUID, list[Kept]] = {}
    if signals:
        with connection.cursor() as cursor:
            cursor.execute(_KEPT, [list(signals)])
            for signal, key, event, at, *rest, why in cursor.fetchall():
                found.setdefault(signal, []).append(Kept._make((key, event, microseconds(at), *rest, json.loads(why))))
    return found


def write(laid: Sequence[Laid], superseded: Sequence[int], now: int) -> None:
    """Write signals and steps. What ends is written before what begins: of a rule and place only one may stand."""
    changed = [one for one in laid if not one.fresh]
    for standing in (False, True):
        _update([one for one in changed if (one.state in STANDING) is standing])
    Signal.objects.bulk_create([_signal(one) for one in laid if one.fresh], batch_size=MANY)
    if superseded:
        SignalStep.objects.filter(pk__in=list(superseded)).update(superseded_at=moment(now))
    steps = [
        _step(one.id, one.standing.division, step, why, now) for one in laid if one.standing for step, why in one.steps
    ]
    SignalStep.objects.bulk_create(steps, batch_size=MANY)


def _update(laid: Sequence[Laid]) -> None:
    if not laid:
        return
    table = [
        (one.id, str(one.state), one.level, one.opened_at, one.level_at, one.cleared_at, one.recovering, one.value,
         one.window_h, None if one.explanation is None else json.dumps(one.explanation, ensure_ascii=False))
        for one in laid
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [list(column) for column in zip(*table, strict=True)])


def _signal(one: Laid) -> Signal:
    standing, spot = one.standing, one.spot
    if standing is None or spot is None or one.opened_at is None or one.level_at is None or one.value is None:
        raise ValueError("a new signal needs its place and what it stands on")
    return Signal(
        id=one.id, division=spot.division, rule=standing.rule, rule_version=standing.version, place=standing.place,
        station_id=spot.station, series_id=spot.series, area_id=spot.area, hazard=one.hazard[:24], level=one.level,
        state=one.state, opened_at=one.opened_at, level_at=one.level_at, cleared_at=one.cleared_at,
        recovering_since=one.recovering, value=one.value, window_h=one.window_h or 0, explanation=one.explanation,
    )  # fmt: skip


def _step(signal: UUID, division: str, step: Step, why: dict[str, Any], now: int) -> SignalStep:
    return SignalStep(
        signal_id=signal, division=division, event=step.event, at=moment(step.at), level=step.level,
        previous=step.previous, value=step.value, threshold=step.threshold, window_h=hours(step.window_s),
        quality=step.quality, explanation=why, recorded_at=moment(now),
    )  # fmt: skip


_DOUBTED = """
SELECT g.rule, g.place, t.at FROM monitoring_signal g JOIN monitoring_signalstep t ON t.signal_id = g.id
WHERE t.event = 'suspect' AND (g.rule, g.place) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND t.at = ANY(%s)
"""


def write_suspects(doubted: Sequence[tuple[Step, Spot]], words: Words, now: int) -> int:
    """Note what doubtful readings would say: as a step of the signal that stands, else of one that never was, so that
    it is seen and raises nothing. What is noted already is passed over; returns how many are new."""
    if not doubted:
        return 0
    names, places = [s.rule for s, _ in doubted], [s.place for s, _ in doubted]
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTED, [names, places, [moment(s.at) for s, _ in doubted]])
        known = {(rule, place, microseconds(at)) for rule, place, at in cursor.fetchall()}
    fresh = [(s, spot) for s, spot in doubted if (s.rule, s.place, s.at) not in known]
    standing = standing_rows([(s.rule, s.place, s.at) for s, _ in fresh])
    steps, signals, marked = [], [], []
    for step, spot in fresh:
        rows = standing.get((step.rule, step.place), [])
        row = next((r for r in rows if microseconds(r.opened_at) <= step.at), None)
        why, at = reasons(step, spot, words), moment(step.at)
        if row is None:
            signals.append(_doubtful(step, spot, why, at, words.of(step.rule, step.version).hazard))
        else:
            marked.append(row.id)
        steps.append(_step(signals[-1].id if row is None else row.id, spot.division, step, why, now))
    Signal.objects.bulk_create(signals, batch_size=MANY)
    if marked:
        Signal.objects.filter(pk__in=marked).update(suspect=True)
    SignalStep.objects.bulk_create(steps, batch_size=MANY)
    return len(fresh)


def _doubtful(step: Step, spot: Spot, why: Mapping[str, Any], at: datetime, hazard: str) -> Signal:
    return Signal(
        id=ids.new_id(), division=spot.division, rule=step.rule, rule_version=step.version, place=step.place,
        station_id=spot.station, series_id=spot.series, area_id=spot.area, hazard=hazard[:24], level=step.level,
        state=SignalState.LAPSED, opened_at=at, level_at=at, cleared_at=at, suspect=True, value=step.value,
        window_h=hours(step.window_s), explanation=dict(why),
    )  # fmt: skip


def _moment(us: int) -> datetime:
    """A moment for SQL; what lies before everything is the year 1900."""
    return moment(max(us, -2_208_988_800_000_000))
