"""What can happen in monitoring. The docstrings are the public documentation of the events."""

from __future__ import annotations

from typing import Any

from anlan.kernel.journal import Event


class ReadingsTaken(Event, kind="readings.taken", version=1):
    """A batch of readings was stored (收到一批读数).

    batch: its id; source: where it came from ("log:" and the shard of a minute of live readings); count: new readings;
    repeated, differing, doubtful, late: how many were known already, known with another value, of doubtful value, older
    than the station's newest; sha256: hash over the new readings (series, times and values, little-endian); first_at,
    last_at: span of their times (ISO).
    """

    batch: str
    source: str
    count: int
    repeated: int
    differing: int
    doubtful: int
    late: int
    sha256: str
    first_at: str
    last_at: str


class ReadingsArchived(Event, kind="readings.archived", version=1):
    """A day of readings left the database for an archive file (读数归档); the database no longer holds it.

    day: the UTC day (ISO); path: the file under the home's archive/readings folder; rows: readings in it; late: how
    many of them came after the day was archived before (0 at the first time); total: sum of all finite values; size:
    bytes of the file; sha256: hash of the file's bytes; content_sha256: hash over the readings by series and time
    (series int32, at int64 µs since 1970, value float64, quality int16, little-endian), whatever the file's packing.
    """

    day: str
    path: str
    rows: int
    late: int
    total: float
    size: int
    sha256: str
    content_sha256: str


class SignalChange(Event):
    """What every change of a signal tells (not an event by itself).

    signal: id of the signal; station: station code, or the area's of a signal over an area; name: its name in zh and en;
    station_kind, metric, place: what and where it measures (kind of the station or area, element, place code or null);
    rule, rule_version: the rule that decided; level: code of the level now, `previous` the one before ('' for none);
    value, threshold: figures of the step that tells, in `unit`; window_h:
    hours summed, 0 for the value itself; explanation: reasons in zh and en, citation, numbers, mark.
    """

    signal: str
    station: str
    name: dict[str, str]
    station_kind: str
    metric: str
    place: str | None
    rule: str
    rule_version: str
    level: str
    previous: str
    value: float
    threshold: float
    unit: str
    window_h: float
    explanation: dict[str, Any]


class SignalOpened(SignalChange, kind="signal.opened", version=1):
    """A threshold was crossed and a signal is now firing (信号开启). Fields as of `SignalChange`."""


class SignalRaised(SignalChange, kind="signal.raised", version=1):
    """A firing signal reached a graver level (信号升级). Fields as of `SignalChange`."""


class SignalLowered(SignalChange, kind="signal.lowered", version=1):
    """A firing signal stayed below its holding line and fell to a lesser level (信号降级). As of `SignalChange`."""


class SignalCleared(SignalChange, kind="signal.cleared", version=1):
    """A firing signal stayed below every holding line and ended (信号解除). As of `SignalChange`; level is ''."""


class SignalRevised(SignalChange, kind="signal.revised", version=1):
    """Readings that came late changed what had been told of a signal (信号更正). Fields as of `SignalChange` for the step
    that stands last now (level '' when the signal is over or never was); replaced: how many steps no longer stand;
    step_at: event time of the last step (ISO). When its level is another one now, its own event follows."""

    replaced: int
    step_at: str


class StationRegistered(Event, kind="station.registered", version=1):
    """Stations were registered or their particulars changed (测站登记). count: how many; codes: their codes."""

    count: int
    codes: list[str]


class StationIsolated(Event, kind="station.isolated", version=1):
    """A person judged a station faulty: its readings count for nothing until it is mended (测站隔离).

    station: code; name: its name in zh and en; station_kind; reason: in the person's words.
    """

    station: str
    name: dict[str, str]
    station_kind: str
    reason: str


class StationMended(Event, kind="station.mended", version=1):
    """An isolated station's readings count again (测站恢复使用). station: code; name; station_kind; note: what was done;
    isolated_s: how long it was isolated."""

    station: str
    name: dict[str, str]
    station_kind: str
    note: str
    isolated_s: int


class StationLimitsChanged(Event, kind="station.limits_changed", version=1):
    """A person set the limits of one series of a station (测站特征值变更).

    station: code; name: its name in zh and en; element; unit; before, after: limits by name, in the unit.
    """

    station: str
    name: dict[str, str]
    element: str
    unit: str
    before: dict[str, float]
    after: dict[str, float]


class StationDescribed(Event, kind="station.described", version=1):
    """Words about stations, series, sensors or elements were kept (登记描述). what: each as `kind:code`."""

    what: list[str]


class StationSilent(Event, kind="station.silent", version=1):
    """A station has sent nothing of one element for longer than allowed (测站无数据).

    station: code; name: its name in zh and en; station_kind; last_at: its newest reading (ISO) or null; max_silence_s:
    the allowed silence; element: what it no longer sends; `at` of the entry is the moment it fell due.
    """

    station: str
    name: dict[str, str]
    station_kind: str
    last_at: str | None
    max_silence_s: int
    element: str = ""


class StationHeard(Event, kind="station.heard", version=1):
    """A silent station sends again (测站恢复). station: code; name; station_kind; silent_s: how long it was silent; element:
    what it sends again."""

    station: str
    name: dict[str, str]
    station_kind: str
    silent_s: int
    element: str = ""


class ConnectionChanged(Event, kind="connection.changed", version=1):
    """A way of hearing stations was made, changed or removed (接入变更).

    connection: its code; action: made, changed or removed; protocol: of choices.Protocol; name: its name in zh and en;
    enabled: whether the gateway keeps it up; changed: which particulars changed (their values are not told here).
    """

    connection: str
    action: str
    protocol: str
    name: dict[str, str]
    enabled: bool
    changed: list[str]


class LogSwitched(Event, kind="log.switched", version=1):
    """A shard counts its progress in another log from now on (换用读数日志).

    shard: which; was, now: names of the logs; done: the number in the new one after which it begins; unjudged: messages
    of the old one that were given up (null: it couldn't be asked).
    """

    shard: int
    was: str
    now: str
    done: int
    unjudged: int | None
