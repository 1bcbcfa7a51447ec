"""What reporting does by itself: incidents of a class owe their reports, a risen grade brings graver clocks, changed
casualties a correction; filed returns are rolled up, in batches."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import EntryRow, react
from anlan.response.events import IncidentClosed, IncidentOpened, ReportFiled
from anlan.response.events.incident_records import (
    IncidentChanged,
    IncidentFigureSet,
    IncidentGraded,
    IncidentMerged,
    IncidentMergeUndone,
)
from anlan.response.models import Incident, IncidentChange, Report, ReportDuty
from anlan.response.services.report_again import duties_again, ended_unmet
from anlan.response.services.report_duties import correction_owed, duties_drop, incident_owed
from anlan.response.services.rollup import rollup_run
from anlan.warning.services.moment import pinned, whole_reach

SYSTEM = Actor.system("response")
CASUALTIES = frozenset({"deaths", "missing", "injured", "seriously_injured"})


@react(IncidentOpened, batch=True)
def incidents_opened_owe(items: list[tuple[IncidentOpened, EntryRow]]) -> None:
    """An incident that has a class when it is opened owes its first reports from the moment it became known."""
    at = {UUID(event.incident): entry.at for event, entry in items}
    for row in Incident.objects.filter(pk__in=at).exclude(type_code="").order_by("opened_at", "id"):
        incident_owed(by=SYSTEM, incident=row, at=at[row.pk])


@react(IncidentChanged)
def incident_classed_owes(event: IncidentChanged, entry: EntryRow) -> None:
    """An incident that gets its class, or another one, after it was opened owes what that class does, graded or not."""
    row = Incident.objects.filter(pk=event.incident, state="open").exclude(type_code="").first()
    if "type_code" in event.fields and row is not None:
        incident_owed(by=SYSTEM, incident=row, at=entry.at)


@react(IncidentGraded)
def incident_graded_owes(event: IncidentGraded, entry: EntryRow) -> None:
    """The clocks of a grade run from when it is computed, confirmed or not."""
    row = Incident.objects.filter(pk=event.incident, state="open").first()
    if row is not None:
        incident_owed(by=SYSTEM, incident=row, at=entry.at)


@react(IncidentFigureSet)
def casualties_changed_owe(event: IncidentFigureSet, entry: EntryRow) -> None:
    """Casualties that change after they were reported are reported again, within the window of the law."""
    moved = event.previous is not None and event.previous != event.value and not event.disputed
    if event.metric in CASUALTIES and moved and Report.objects.filter(incident=UUID(event.incident)).exists():
        row = Incident.objects.filter(pk=event.incident).first()
        if row is not None:
            correction_owed(by=SYSTEM, incident=row, at=entry.at)


@react(IncidentMerged)
def incident_merged_owes_no_more(event: IncidentMerged, entry: EntryRow) -> None:
    """What went into another incident is reported there."""
    _drop(event.incident, "merged", entry)


@react(IncidentMergeUndone)
def incident_merge_undone_owes_again(event: IncidentMergeUndone, entry: EntryRow) -> None:
    """Each of the two owes its own reports again: the merged one those the merge had ended, both what their grade asks."""
    rows = list(Incident.objects.filter(pk__in=[event.incident, event.into], state="open").order_by("opened_at", "id"))
    merged = IncidentChange.objects.get(pk=event.change)
    with pinned(entry.at), whole_reach():
        ended = [row for row in ended_unmet(UUID(event.incident)) if row.ended_at == merged.at]
        duties_again(by=SYSTEM, rows=ended, why="merge_undone", at=entry.at)
    for row in rows:
        incident_owed(by=SYSTEM, incident=row, at=entry.at)


@react(IncidentClosed)
def incident_closed_owes_no_more(event: IncidentClosed, entry: EntryRow) -> None:
    """An incident that is over owes no first report and no follow-up; investigation and correction go on."""
    _drop(event.incident, "closed", entry, kinds=("first", "follow", "public", "press"))


def _drop(incident: str, why: str, entry: EntryRow, kinds: tuple[str, ...] = ()) -> None:
    rows = ReportDuty.objects.filter(incident=UUID(incident), ended_at__isnull=True).order_by("rule", "id")
    rows = rows.filter(kind__in=kinds) if kinds else rows
    with pinned(entry.at):
        duties_drop(by=SYSTEM, rows=list(rows), why=why, at=entry.at)


@react(ReportFiled, batch=True)
def reports_rolled_up(items: list[tuple[ReportFiled, EntryRow]]) -> None:
    """Returns filed since the last round are added up together, disaster by disaster, as of the last of them."""
    found: dict[str, list[EntryRow]] = {}
    for event, entry in items:
        if event.disaster is not None:
            found.setdefault(event.disaster, []).append(entry)
    for disaster, entries in found.items():
        rollup_run(by=SYSTEM, disaster=UUID(disaster), divisions=[entry.division for entry in entries],
                   at=max(entry.at for entry in entries))  # fmt: skip
