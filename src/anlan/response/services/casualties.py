"""The casualty ledger: entered at once with whatever is known, named, merged or corrected later."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices
from anlan.response.engine.casualty import LIVE_STATES, Entry, totals, unknown_label
from anlan.response.events import CasualtyCorrected, CasualtyEntered, CasualtyIdentified
from anlan.response.models import CasualtyEntry, Disaster
from anlan.response.services.bounds import fits, within_world
from anlan.response.services.in_turn import in_turn
from anlan.response.services.incident_lock import seen as incident_seen
from anlan.warning.services.moment import pinned


class Where(NamedTuple):
    """Where a person was found: in words, and degrees WGS-84 where known."""

    words: str
    lon: float | None = None
    lat: float | None = None


def casualty_enter(
    *,
    by: Actor,
    division: str,
    kind: str,
    place: Where,
    source: str,
    reporter: str,
    name: str = "",
    found_at: datetime | None = None,
    at: datetime | None = None,
    incident: UUID | None = None,
    disaster: UUID | None = None,
) -> CasualtyEntry:
    """Enter a dead, missing or injured person of an incident or a disaster. Nobody may be asked to find out the name first:
    without one the entry is labelled unknown-1, unknown-2, … Raises Forbidden, NotFound (an incident or disaster out of
    sight), Invalid (kind; no place, source or reporter; too long)."""
    at = at or clock.now()
    by.must("casualty.enter", division)
    if kind not in choices.CASUALTY_KINDS:
        raise Invalid(code="casualty.kind", zh="类别应为死亡、失踪或受伤。", en="Choose dead, missing or injured.",
                      field="kind", value=kind)  # fmt: skip
    for field, value in (("place", place.words), ("source", source), ("reporter", reporter)):
        if not value.strip():
            raise Invalid(code="casualty.incomplete", zh="请填写地点、来源和报告人；姓名可以不填。",
                          en="Give place, source and reporter; the name may stay empty.", field=field,
                          value=value)  # fmt: skip
    fits(CasualtyEntry, place=place.words, source=source, reporter=reporter)
    within_world(place.lon, place.lat)
    _named(name)
    with pinned(at):
        incident_seen(by, incident)
        disaster_seen(by, disaster)
        in_turn(f"casualties:{division}")
        taken = list(CasualtyEntry.objects.filter(division=division).values_list("label", flat=True))
        label = _free(name.strip(), taken) if name.strip() else unknown_label(taken)
        row = CasualtyEntry.objects.create(
            division=division, kind=kind, label=label, known=bool(name.strip()), place=place.words, lon=place.lon,
            lat=place.lat, found_at=found_at or at, entered_at=at, source=source, reporter=reporter,
            incident_id=incident, disaster_id=disaster,
        )  # fmt: skip
        event = CasualtyEntered(
            entry=str(row.pk), casualty=kind, label=label, known=row.known, place=place.words, found_at=row.found_at,
            source=source, reporter=reporter, incident=str(incident) if incident else None,
            disaster=str(disaster) if disaster else None,
        )  # fmt: skip
        record(event, by=by, about=f"casualty:{row.pk}", division=division, at=at)
    return row


LONGEST_NAME = 80


def _named(name: str) -> None:
    """Invalid for a name that leaves no room to tell two of it apart."""
    if len(name.strip()) > LONGEST_NAME:
        raise Invalid(code="casualty.name_long", zh=f"姓名最多{LONGEST_NAME}字。", field="name", value=name,
                      en=f"A name has at most {LONGEST_NAME} characters.")  # fmt: skip


def disaster_seen(by: Actor, disaster: UUID | None) -> None:
    """NotFound unless a disaster, where one is named, is there and to be seen."""
    if disaster is None:
        return
    division = Disaster.objects.filter(pk=disaster).values_list("division", flat=True).first()
    if division is None or not by.scope.sees(division):
        raise NotFound(code="report.no_disaster", zh="没有这个灾害过程，或不在您的范围内。", field="disaster", value=disaster,
                       en="There is no such disaster, or it is not in your scope.")  # fmt: skip


def _free(name: str, taken: list[str]) -> str:
    """Two people may bear one name: the second is told apart by a number."""
    number, label = 1, name
    while label in taken:
        number += 1
        label = f"{name} ({number})"
    return label


def casualty_identify(*, by: Actor, entry: UUID, name: str, source: str, at: datetime | None = None) -> CasualtyEntry:
    """Give an unknown person a name. Raises Invalid without name or source, Conflict when merged or withdrawn."""
    at = at or clock.now()
    with pinned(at):
        row = _locked(by, entry)
        if not name.strip() or not source.strip():
            raise Invalid(code="casualty.no_name", zh="请填写姓名和依据。", en="Give the name and how it is known.",
                          field="name", value=name)  # fmt: skip
        _named(name)
        in_turn(f"casualties:{row.division}")
        taken = list(
            CasualtyEntry.objects.filter(division=row.division).exclude(pk=row.pk).values_list("label", flat=True)
        )
        was, row.label = row.label, _free(name.strip(), taken)
        row.known, row.state = True, "identified"
        row.save(update_fields=["label", "known", "state"])
        event = CasualtyIdentified(entry=str(row.pk), was=was, label=row.label, source=source)
        record(event, by=by, about=f"casualty:{row.pk}", division=row.division, at=at)
    return row


def casualty_correct(
    *,
    by: Actor,
    entry: UUID,
    reason: str,
    kind: str | None = None,
    merged_into: UUID | None = None,
    withdrawn: bool = False,
    at: datetime | None = None,
) -> CasualtyEntry:
    """Change an entry's kind (missing → dead), merge it into another, or withdraw it; always with the reason."""
    at = at or clock.now()
    with pinned(at):
        both = {key: _locked(by, key) for key in sorted({entry, merged_into or entry})}
        row = both[entry]
        if not reason.strip():
            raise Invalid(code="casualty.no_reason", zh="更正须写明原因。", en="A correction needs its reason.",
                          field="reason", value=reason)  # fmt: skip
        if kind is not None and kind not in choices.CASUALTY_KINDS:
            raise Invalid(code="casualty.kind", zh="类别应为死亡、失踪或受伤。", en="Choose dead, missing or injured.",
                          field="kind", value=kind)  # fmt: skip
        row.kind, row.reason = kind or row.kind, reason
        if merged_into is not None:
            target = both[merged_into]
            if target.pk == row.pk:
                raise Invalid(code="casualty.same", zh="不能并入自身。", en="An entry can't be merged into itself.",
                              field="merged_into", value=merged_into)  # fmt: skip
            row.state, row.merged_into = "merged", target
        elif withdrawn:
            row.state = "withdrawn"
        row.save(update_fields=["kind", "reason", "state", "merged_into"])
        event = CasualtyCorrected(entry=str(row.pk), casualty=row.kind, state=row.state, reason=reason,
                                  merged_into=str(merged_into) if merged_into else None)  # fmt: skip
        record(event, by=by, about=f"casualty:{row.pk}", division=row.division, at=at)
    return row


def ledger_totals(division: str, *, incident: UUID | None = None, disaster: UUID | None = None) -> dict[str, int]:
    """Return the ledger's live totals inside a division (of one incident or disaster where given): dead, missing, injured."""
    rows = _ledger(division, incident, disaster).order_by("id")
    return totals([Entry(*row) for row in rows.values_list("kind", "label", "state")])


def _ledger(division: str, incident: UUID | None, disaster: UUID | None) -> QuerySet[CasualtyEntry]:
    rows = CasualtyEntry.objects.filter(division__startswith=division)
    if incident is not None:
        return rows.filter(incident=incident)
    return rows.filter(disaster=disaster) if disaster is not None else rows


def _locked(by: Actor, entry: UUID) -> CasualtyEntry:
    row = CasualtyEntry.objects.select_for_update().filter(pk=entry).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(code="casualty.not_found", zh="台账中没有这条，或不在您的范围内。",
                       en="There is no such entry, or it is not in your scope.", field="entry", value=entry)  # fmt: skip
    by.must("casualty.enter", row.division)
    if row.state not in LIVE_STATES:
        raise Conflict(code="casualty.closed", zh="该条已并入或撤回。", en="The entry is merged or withdrawn.",
                       field="entry", value=entry)  # fmt: skip
    return row
