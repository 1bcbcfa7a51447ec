"""What the response does when something happens earlier in the chain: event → service, at the event's own time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from anlan.kernel.journal import EntryRow, react
from anlan.monitoring.events import (
    ReadingsTaken,
    SignalChange,
    SignalCleared,
    SignalLowered,
    SignalOpened,
    SignalRaised,
)
from anlan.response.engine.plan import COLOUR_RANK
from anlan.response.events import TaskDone
from anlan.response.formats.packs import contact_rule
from anlan.response.selectors.watch import RAIN, red_areas, stopline_readings
from anlan.response.services.considering import SYSTEM, levels_consider, levels_quieten
from anlan.response.services.contacts import contacts_release, contacts_watch
from anlan.response.services.reminders import reminders_watch
from anlan.response.services.stoplines import stopline_read
from anlan.response.services.visits import CODE as VISIT
from anlan.response.services.visits import Visit, visit_answer, visits_order
from anlan.warning.events import VisitAsked, WarningCancelled, WarningExpired, WarningIssued, WarningUpdated

TOWNSHIP = 9
Signals = list[tuple[SignalChange, EntryRow]]


@react(WarningIssued)
def warning_issued_consider(event: WarningIssued, entry: EntryRow) -> None:
    """An issued warning proposes the level the plan asks for, in the same instant (F1); a red rain warning puts places
    that send signs of life by themselves on watch (F7). Counties under red are looked at: has a response been started?"""
    levels_consider(
        areas=event.area, cause=f"warning:{event.warning}", at=entry.at, colour=event.colour, hazard=event.hazard,
        dated=event.proposal is None,
    )  # fmt: skip
    reminders_watch(warning=event.warning, area=event.area, colour=event.colour, at=entry.at)
    if event.hazard == RAIN and event.colour == contact_rule().colour:
        contacts_watch(by=SYSTEM, area=event.area, beating=True, at=entry.at)


@react(WarningUpdated)
def warning_updated_review(event: WarningUpdated, entry: EntryRow) -> None:
    """A warning gave way to a later one: do the levels' conditions still hold?"""
    _ended(entry)


@react(WarningCancelled)
def warning_cancelled_review(event: WarningCancelled, entry: EntryRow) -> None:
    """A warning was cancelled: do the levels' conditions still hold?"""
    _ended(entry)


@react(WarningExpired)
def warning_expired_review(event: WarningExpired, entry: EntryRow) -> None:
    """A warning ran out: do the levels' conditions still hold?"""
    _ended(entry)


@react(SignalOpened, batch=True)
def signals_opened(items: Signals) -> None:
    """Opened signals propose a level, and put villages under red rain on watch (F7)."""
    _graver(items)


@react(SignalRaised, batch=True)
def signals_raised(items: Signals) -> None:
    """Raised signals do the same."""
    _graver(items)


@react(SignalLowered, batch=True)
def signals_lowered(items: Signals) -> None:
    """Lowered signals end the watch where the rain is no longer red, and have the levels reviewed."""
    _milder(items)


@react(SignalCleared, batch=True)
def signals_cleared(items: Signals) -> None:
    """Cleared signals do the same."""
    _milder(items)


@react(ReadingsTaken, batch=True)
def readings_at_stoplines(items: list[tuple[ReadingsTaken, EntryRow]]) -> None:
    """Water readings at places with a stop-line are held against it (F6); a reservoir over its limit proposes a level."""
    first = min(datetime.fromisoformat(event.first_at) for event, _ in items)
    last = max(datetime.fromisoformat(event.last_at) for event, _ in items)
    readings = stopline_readings(first, last)
    if readings:
        stopline_read(by=SYSTEM, readings=readings, at=max(reading.at for reading in readings))


@react(VisitAsked, batch=True)
def visits_asked(items: list[tuple[VisitAsked, EntryRow]]) -> None:
    """Calls nobody answered climb to a visit: each becomes a task of the post asked to go."""
    for at, group in groupby(items, key=lambda item: item[1].at):
        visits = [Visit(event.call, event.sought, event.visitor, event.due_at) for event, _ in group]
        visits_order(by=SYSTEM, visits=visits, at=at)


@react(TaskDone)
def visit_done(event: TaskDone, entry: EntryRow) -> None:
    """A visit that was made answers the call it was made for."""
    if event.code == VISIT:
        visit_answer(by=SYSTEM, task=UUID(event.task), at=entry.at)


def _ended(entry: EntryRow) -> None:
    """A warning holds no longer: quiet time may begin, and the watch ends where it is no longer red."""
    levels_quieten(areas=[entry.division], at=entry.at)
    contacts_release(area=[entry.division], still=red_areas(contact_rule().colour, entry.at), at=entry.at)


def _moments(items: Signals) -> Iterator[tuple[datetime, Signals]]:
    for at, group in groupby(items, key=lambda item: item[1].at):
        yield at, list(group)


def _graver(items: Signals) -> None:
    red = contact_rule().colour
    for at, group in _moments(items):
        gravest = max(group, key=lambda item: COLOUR_RANK.get(item[0].level, 0))[0]
        water = next((event for event, _ in group if event.station_kind != "rain"), None)
        cause = f"signal:{(water or gravest).signal}"
        colour = "" if water is not None else gravest.level
        levels_consider(areas=_divisions(group), cause=cause, at=at, colour=colour)
        townships = _townships(item for item in group if item[0].station_kind == "rain" and item[0].level == red)
        if townships:
            contacts_watch(by=SYSTEM, area=townships, at=at)


def _milder(items: Signals) -> None:
    red = contact_rule().colour
    for at, group in _moments(items):
        left = _townships(item for item in group if item[0].station_kind == "rain" and item[0].previous == red)
        if left:
            contacts_release(area=left, still=red_areas(red, at), at=at)
        levels_quieten(areas=_divisions(group), at=at)


def _divisions(group: Signals) -> Sequence[str]:
    return sorted({entry.division for _, entry in group})


def _townships(items: Iterator[tuple[SignalChange, EntryRow]]) -> list[str]:
    return sorted({entry.division[:TOWNSHIP] for _, entry in items})
