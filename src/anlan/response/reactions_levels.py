"""What the plans ask for when an event is graded, counted, merged or closed, and when another plan's response changes."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import EntryRow, react
from anlan.response.engine.plan import GRADE_RANK
from anlan.response.events import (
    IncidentChanged,
    IncidentClosed,
    IncidentFigureSet,
    IncidentGraded,
    IncidentMerged,
    IncidentMergeUndone,
    LevelEnded,
    LevelLowered,
    LevelRaised,
    LevelStarted,
)
from anlan.response.models import Incident
from anlan.response.services.cases import incident_root
from anlan.response.services.considering import SYSTEM, levels_consider, levels_quieten
from anlan.response.services.proposals import proposals_lapse

# Figures that say something on another metric too.
_ALSO = {"deaths": ("deaths", "dead_missing"), "missing": ("missing", "dead_missing"), "density": ("magnitude",)}


@react(IncidentGraded)
def incident_graded_consider(event: IncidentGraded, entry: EntryRow) -> None:
    """A grade proposes the level the plans ask for at once, confirmed or not; a milder one lets quiet time begin."""
    if GRADE_RANK.get(event.grade, 0) >= GRADE_RANK.get(event.previous, 0):
        _consider(event.incident, entry, ("grade",))
    else:
        _quieten(event.incident, entry)


@react(IncidentFigureSet)
def incident_counted_consider(event: IncidentFigureSet, entry: EntryRow) -> None:
    """A figure proposes the level the plans ask for; one that fell lets quiet time begin. A disputed one does neither."""
    if event.disputed:
        return
    previous = event.previous if isinstance(event.previous, int | float) else None
    if previous is not None and event.value is not None and event.value < previous:
        _quieten(event.incident, entry)
        return
    _consider(event.incident, entry, _ALSO.get(event.metric, (event.metric,)))


@react(IncidentChanged)
def incident_changed_consider(event: IncidentChanged, entry: EntryRow) -> None:
    """An event that is classed otherwise may concern other plans."""
    if "type_code" in event.fields:
        _consider(event.incident, entry, ())


@react(IncidentMerged)
def incident_merged_consider(event: IncidentMerged, entry: EntryRow) -> None:
    """What waited for the merged event waits no more; the one it goes on in is looked at with all figures."""
    proposals_lapse(by=SYSTEM, incident=UUID(event.incident), why=f"incident:{event.into}", at=entry.at)
    _consider(event.into, entry, ())


@react(IncidentMergeUndone)
def incident_merge_undone_consider(event: IncidentMergeUndone, entry: EntryRow) -> None:
    """Both are looked at again, each by its own figures."""
    _consider(event.incident, entry, ())
    _quieten(event.into, entry)


@react(IncidentClosed)
def incident_closed_review(event: IncidentClosed, entry: EntryRow) -> None:
    """A closed event asks for nothing: proposals for it lapse, and its responses are reviewed after the quiet time."""
    proposals_lapse(by=SYSTEM, incident=UUID(event.incident), why=event.reason, at=entry.at)
    _quieten(event.incident, entry)


@react(LevelStarted)
def level_started_consider(event: LevelStarted, entry: EntryRow) -> None:
    """Plans that follow another plan's response (响应联动) are looked at when it starts."""
    _linked(event.track, event.area, event.response, event.incident, entry)


@react(LevelRaised)
def level_raised_consider(event: LevelRaised, entry: EntryRow) -> None:
    """And when it is raised."""
    _linked(event.track, event.area, event.response, event.incident, entry)


@react(LevelLowered)
def level_lowered_review(event: LevelLowered, entry: EntryRow) -> None:
    """When it is lowered, what stood on it may stand no longer."""
    if event.track == "main":
        levels_quieten(areas=[entry.division], at=entry.at)


@react(LevelEnded)
def level_ended_review(event: LevelEnded, entry: EntryRow) -> None:
    """And when it ends."""
    if event.track == "main":
        levels_quieten(areas=[entry.division], at=entry.at)


def _consider(incident: str, entry: EntryRow, metrics: tuple[str, ...]) -> None:
    row = incident_root(UUID(incident))
    if row is None or row.state != "open" or not row.type_code:
        return
    levels_consider(areas=[row.division], cause=f"incident:{row.pk}", at=entry.at, metrics=metrics,
                    hazard=row.type_code, incident=row.pk)  # fmt: skip


def _quieten(incident: str, entry: EntryRow) -> None:
    division = Incident.objects.filter(pk=incident).values_list("division", flat=True).first()
    if division is not None:
        levels_quieten(areas=[division], at=entry.at, incident=UUID(incident))


def _linked(track: str, area: str, level: str, incident: str | None, entry: EntryRow) -> None:
    if track == "main":
        levels_consider(areas=[area], cause=f"level:{level}", at=entry.at, metrics=("upper_level",),
                        incident=UUID(incident) if incident else None)  # fmt: skip
