"""Events of what was received, counted, graded, merged and split. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class IncidentReceived(Event, kind="incident.received", version=1):
    """A report of something came in (接报); it is about the intake.

    intake: id; door: phone, transfer, public, sensor, warning, level or desk; type_code: class, "" unknown; happened_at;
    place: in words; source_system, source_ref: whose it is in another system; revision: the how-manieth under that
    reference; unknown: metrics the caller could not tell; figures: {metric: number or word} told. The caller stays in the intake.
    """

    intake: str
    door: str
    type_code: str
    happened_at: datetime | None
    place: str
    source_system: str
    source_ref: str
    revision: int
    figures: dict[str, float | str]
    unknown: list[str]


class IncidentJoined(Event, kind="incident.joined", version=1):
    """A report belongs to an incident (立为事件或并入). incident, intake: ids; opened: true when the incident was opened of it."""

    incident: str
    intake: str
    opened: bool


class IntakeDismissed(Event, kind="incident.dismissed", version=1):
    """A report opened no incident (不立). intake: id; reason."""

    intake: str
    reason: str


class IncidentChanged(Event, kind="incident.changed", version=1):
    """What an incident is called, classed or placed was set right (更正). incident: id; fields: {name: [was, is]}; reason."""

    incident: str
    fields: dict[str, list[Any]]
    reason: str


class IncidentFigureSet(Event, kind="incident.figure", version=1):
    """A figure about an incident came in (数据). incident, figure: ids; metric; value: number or null; word: where it is no
    number; previous: what stood before, null nothing; as_of: the moment it holds for; source; confidence; reason: why it
    fell; disputed: true when it contradicts what stands and changes nothing until verified.
    """

    incident: str
    figure: str
    metric: str
    value: float | None
    word: str
    previous: float | str | None
    as_of: datetime
    source: str
    confidence: str
    reason: str
    disputed: bool


class IncidentGraded(Event, kind="incident.graded", version=1):
    """An incident was graded (定级). Report clocks run from this, confirmed or not.

    incident: id; grade: what holds now ("" none); previous; computed: what the table says; how: computed, confirmed, set
    or kept; type_code; table, table_version; criterion: {metric, value, at_least, below, equals, zh, en}, {} for the
    table's least grade; citation: {zh, en}; first_guess: true while only a first guess reaches the grade; reason.
    """

    incident: str
    grade: str
    previous: str
    computed: str
    how: str
    type_code: str
    table: str
    table_version: str
    criterion: dict[str, Any]
    citation: dict[str, str]
    first_guess: bool
    reason: str


class IncidentMerged(Event, kind="incident.merged", version=1):
    """Two incidents are one (并入). incident: the one that goes on in `into`; change: id, to undo it by; reason."""

    incident: str
    into: str
    change: str
    reason: str


class IncidentMergeUndone(Event, kind="incident.merge_undone", version=1):
    """A merge was taken back. incident, into: ids; change; reason."""

    incident: str
    into: str
    change: str
    reason: str


class IncidentSplit(Event, kind="incident.split", version=1):
    """One incident was two (拆分). incident: id; new: the one taken out; change; moved: {intakes, claims, figures}: ids;
    reason."""

    incident: str
    new: str
    change: str
    moved: dict[str, list[str]]
    reason: str


class IncidentSplitUndone(Event, kind="incident.split_undone", version=1):
    """A split was taken back; what had gone over came back. incident, new: ids; change; reason."""

    incident: str
    new: str
    change: str
    reason: str


class CallerSeen(Event, kind="incident.caller_seen", version=1):
    """Somebody looked at who had called (查看来电人). intake: id; reason. The name and number stay in the intake."""

    intake: str
    reason: str
