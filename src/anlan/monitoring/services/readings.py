"""Taking readings: stored once, judged by event time, signals changed, the batch journalled; one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record_many
from anlan.monitoring.choices import StationState
from anlan.monitoring.engine.quality import GOOD, Limits, judge, judge_hour
from anlan.monitoring.engine.windows import HOURS, Ints, Readings, distinct, epochs, latest, window_sums
from anlan.monitoring.events import ReadingsTaken, StationHeard
from anlan.monitoring.models import Batch
from anlan.monitoring.rules import watch_for
from anlan.monitoring.services import _old_intake as intake
from anlan.monitoring.services import recent, signals
from anlan.monitoring.services._old_intake import Known, PulseRow, Stamp, moment
from anlan.monitoring.services.judging import Ends, Judged
from anlan.monitoring.services.judging import judge as judge_signals
from anlan.monitoring.services.stations import common

SYSTEM = Actor.system("monitoring")  # concludes from what others send
DAY_S = 24 * 3600
Rows = Sequence[tuple[str, datetime, float]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TakeReport:
    """What became of a batch: of `offered` rows of known stations `count` were new; `unknown` are codes nobody knows.

    `repeated` were known already (`differing` of them with another value: the first value stands); `doubtful` are kept
    with a quality code and never raise a signal; `late` are older than the station's newest.
    """

    batch: UUID | None
    offered: int
    count: int
    repeated: int
    differing: int
    doubtful: int
    late: int
    unknown: tuple[str, ...]
    changes: dict[str, int]


class _Offered(NamedTuple):
    """The batch as arrays: all rows of known stations, the distinct ones sorted, and codes nobody registered."""

    every: Readings
    rows: Readings
    unknown: tuple[str, ...]


@transaction.atomic
def readings_take(*, by: Actor, rows: Rows, source: str, at: datetime | None = None) -> TakeReport:
    """Store readings (station code, aware time, value), judge them, change signals, record the events.

    Taking the same batch again changes nothing and records nothing. Raises Forbidden outside the actor's scope, and
    ValueError for a time without zone. Rows of unknown stations are reported, the others taken.
    """
    now = at or clock.now()
    stations = intake.stations_locked(sorted({code for code, _, _ in rows}))
    for division in sorted({station.division for station in stations}):
        by.must("readings.take", division)
    offered = _offered(stations, rows)
    new = offered.rows
    if len(new.at) == 0:
        return TakeReport(None, 0, 0, 0, 0, 0, 0, offered.unknown, {})
    newest = np.array([-1 if s.stamp.last_at is None else s.stamp.last_at for s in stations], dtype=np.int64)
    newest = newest[new.station]
    since = _lookback(stations, new, newest)
    old = recent.past(stations, since)
    quality = _quality(stations, new, old, int(now.timestamp()))
    stored = intake.insert(stations, *new, quality)
    good = stored & (quality == GOOD)
    both = _merged(old, new, good)
    ends = _ends(stations, new, both, newest, good)
    judged = judge_signals(stations, ends, now.astimezone(clock.BEIJING).date())
    report = _reported(stations, offered, stored, quality, good & (new.at <= newest), judged)
    if report.batch is not None:
        events = [_batch(by, stations, new.where(stored), report, source, now)]
        events += signals.write(SYSTEM, stations, judged.changes)
        stamps, heard = _pulses(stations, ends, judged, report.batch, now)
        recent.keep(stations, stamps, since, both)
        record_many(events + heard)
    return report


def _reported(
    stations: list[Known], offered: _Offered, stored: Mask, quality: Ints, late: Mask, judged: Judged
) -> TakeReport:
    count, every = int(stored.sum()), offered.every
    return TakeReport(
        batch=ids.new_id() if count else None,
        offered=len(every.at),
        count=count,
        repeated=len(every.at) - count,
        differing=intake.differing(stations, *every) if count < len(every.at) else 0,
        doubtful=int((stored & (quality != GOOD)).sum()),
        late=int(late.sum()),
        unknown=offered.unknown,
        changes=_counted(judged),
    )


def _offered(stations: list[Known], rows: Rows) -> _Offered:
    index = {station.code: number for number, station in enumerate(stations)}
    known = [row for row in rows if row[0] in index]
    station = np.array([index[code] for code, _, _ in known], dtype=np.int64)
    at = epochs(time for _, time, _ in known)
    value = np.array([value for _, _, value in known], dtype=np.float64)
    unknown = tuple(sorted({code for code, _, _ in rows} - set(index)))
    return _Offered(Readings(station, at, value), distinct(station, at, value), unknown)


def _lookback(stations: list[Known], new: Readings, newest: Ints) -> dict[int, int]:
    """Return from when on each touched rain gauge's past is needed: a day before the first moment to decide at."""
    first = np.where(new.at > newest, new.at, newest)
    starts: dict[int, int] = {}
    for number, second in zip(new.station.tolist(), first.tolist(), strict=True):
        if stations[number].kind == "rain":
            starts[number] = min(starts.get(number, second), second)
    return {number: second - DAY_S for number, second in starts.items()}


def _quality(stations: list[Known], new: Readings, old: Readings, now: int) -> Ints:
    """Return the quality code of each new reading (monitoring.choices.Quality)."""
    kinds = np.array([station.kind for station in stations])[new.station]
    codes = np.zeros(len(new.at), dtype=np.int64)
    for kind in sorted(set(kinds.tolist())):
        watch, mine = watch_for(kind), kinds == kind
        mine_codes = judge(new.at[mine], new.value[mine], now, Limits(watch.low, watch.high, watch.ahead_s))
        if watch.hour_most is not None:
            believed = mine.copy()
            believed[mine] = mine_codes == GOOD
            both = _merged(old, new, believed)
            hour = window_sums(both, new.station[mine], new.at[mine], (1,))[:, 0]
            mine_codes = judge_hour(hour, mine_codes, watch.hour_most)
        codes[mine] = mine_codes
    return codes


def _merged(old: Readings, new: Readings, kept: Mask) -> Readings:
    """Return stored and new readings together; what is stored goes before what comes again."""
    more = new.where(kept)
    station, at = np.concatenate((old.station, more.station)), np.concatenate((old.at, more.at))
    return distinct(station, at, np.concatenate((old.value, more.value)))


def _ends(stations: list[Known], new: Readings, both: Readings, newest: Ints, good: Mask) -> Ends:
    """Return the event times to decide at: each new time after the station's newest, and the newest itself again when
    something came late. Late rain can so raise a signal now; it never rewrites what was decided before."""
    moments = np.maximum(new.at, newest)[good]
    points = distinct(new.station[good], moments, np.zeros(len(moments)))
    value = latest(both, points.station, points.at)
    sums = window_sums(both, points.station, points.at)
    level = np.array([station.kind != "rain" for station in stations])[points.station]
    # a level's past isn't read: a late level says nothing about the newest one
    keep = ~(level & np.isin(points.station * 2**40 + points.at, (new.station * 2**40 + newest)[good]))
    return Ends(points.station[keep], points.at[keep], sums[keep], value[keep])


_HEARD = """
UPDATE monitoring_station SET state = 'normal', state_at = x.at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS x(id, at) WHERE monitoring_station.id = x.id
"""


def _pulses(
    stations: list[Known], ends: Ends, judged: Judged, batch: UUID, now: datetime
) -> tuple[dict[int, Stamp], list[signals.Recorded]]:
    """Write the pulses, and let silent stations that speak again be heard; return the new stamps and the events."""
    pulses, heard, events = [], [], []
    stamps: dict[int, Stamp] = {}
    last = np.append(ends.station[1:] != ends.station[:-1], True)[: len(ends.at)]
    for place in np.flatnonzero(last).tolist():
        number, second, value = int(ends.station[place]), int(ends.at[place]), float(ends.value[place])
        station = stations[number]
        one, three, _, _, day = ends.sums[place].tolist() if station.kind == "rain" else [None] * len(HOURS)
        due = second + station.max_silence_s
        silent = station.state == StationState.SILENT
        back = silent and moment(due) > now
        last_due = None if silent and not back else due
        below = judged.below_since.get(number)
        pulses.append(PulseRow(station.id, batch, second, value, one, three, day, last_due, below))
        stamps[number] = Stamp(batch, second, value, day)
        if back:
            heard.append((station.id, moment(second)))
            events.append(_heard(station, moment(second)))
    intake.write_pulses(pulses)
    if heard:
        with connection.cursor() as cursor:
            cursor.execute(_HEARD, [list(column) for column in zip(*heard, strict=True)])
    return stamps, events


def _heard(station: Known, at: datetime) -> signals.Recorded:
    gap = max(0, int((at - station.state_at) / timedelta(seconds=1)))
    event = StationHeard(station=station.code, name=station.name, station_kind=station.kind, silent_s=gap)
    return event, {"by": SYSTEM, "about": f"station:{station.id}", "division": station.division, "at": at}


def _counted(judged: Judged) -> dict[str, int]:
    counts: dict[str, int] = {}
    for change in judged.changes:
        counts[change.transition.action] = counts.get(change.transition.action, 0) + 1
    return counts


def _batch(
    by: Actor, stations: list[Known], stored: Readings, report: TakeReport, source: str, now: datetime
) -> signals.Recorded:
    """Keep the batch's count and hash, and return its event."""
    codes = [stations[number].code for number in stored.station.tolist()]
    lines = zip(codes, stored.at.tolist(), stored.value.tolist(), strict=True)
    digest = hashlib.sha256("".join(f"{code}|{at}|{value!r}\n" for code, at, value in lines).encode()).hexdigest()
    told: dict[str, Any] = {
        "source": source, "count": report.count, "repeated": report.repeated, "differing": report.differing,
        "doubtful": report.doubtful, "late": report.late, "sha256": digest,
    }  # fmt: skip
    first, last = moment(int(stored.at.min())), moment(int(stored.at.max()))
    division = common([stations[number].division for number in np.unique(stored.station).tolist()])
    Batch.objects.create(
        id=report.batch, division=division, offered=report.offered, first_at=first, last_at=last, taken_at=now, **told
    )
    event = ReadingsTaken(batch=str(report.batch), first_at=first.isoformat(), last_at=last.isoformat(), **told)
    return event, {"by": by, "about": f"batch:{report.batch}", "division": division, "at": now}
