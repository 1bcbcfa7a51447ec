"""Grades: computed from the figures by the table that holds, confirmed or set otherwise by a named person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.figures import standing
from anlan.response.engine.grading import (
    Graded,
    GradeTable,
    Inputs,
    Value,
    grade_by,
    graver,
    in_window,
    table_for,
)
from anlan.response.engine.grading_words import criterion_words
from anlan.response.events import IncidentGraded
from anlan.response.models import Incident, IncidentFigure, IncidentGrade
from anlan.response.selectors.family import family
from anlan.response.selectors.local_rules import tables_held
from anlan.response.services.incident_lock import locked
from anlan.warning.services.moment import pinned


def regrade(*, by: Actor, incident: Incident, at: datetime) -> IncidentGrade | None:
    """Grade a locked incident by what is known now; None when the table says what it said before. Inside a transaction.

    A computed grade holds at once. One a person has confirmed or set stands until the table says graver than it did then.
    """
    before = _last(incident)
    table = _table(incident)
    values = values_of(incident, table)
    found = grade_by(table, values) if table is not None else None
    computed = found.grade if found else ""
    held = before is not None and before.how != "computed"
    if before is None and found is None:
        return None
    row = _row(incident, found, values, at)
    if before is not None and _same(before, row):
        return None
    row.previous = incident.grade
    if held and before is not None:
        then = _decided(incident)
        if not (graver(computed, then.computed) and graver(computed, before.grade)):
            row.grade, row.how = before.grade, "kept"
    _write(by, incident, row)
    return row


def grade_confirm(
    *, by: Actor, incident: UUID, grade: str = "", reason: str = "", at: datetime | None = None
) -> IncidentGrade:
    """Confirm the computed grade, or set another with the reason. Only a person may (law 2).

    Raises Forbidden, NotFound, Conflict (nothing to confirm; merged or closed), Invalid (no such grade; no reason).
    """
    at = at or clock.now()
    with pinned(at):
        row = locked(by, incident, "incident.grade")
        if by.kind == "system":
            raise Forbidden(code="grade.person_decides", zh="等级由有权岗位确认。", en="A person confirms the grade.")
        before = _last(row)
        computed = before.computed if before else ""
        wanted = grade or computed
        if wanted not in choices.GRADES:
            raise Invalid(
                code="grade.unknown",
                zh="请选择等级：" + "、".join(one.zh for one in choices.GRADES.values()) + "。",
                en=f"Choose a grade: {', '.join(choices.GRADES)}.",
                field="grade",
                value=wanted,
            )
        if wanted != computed and not reason.strip():
            raise Invalid(code="grade.no_reason", zh="与自动分级不同，须写明理由。",
                          en="It differs from the computed grade: give the reason.", field="reason", value=reason)  # fmt: skip
        if before is not None and before.how in ("confirmed", "set") and before.grade == wanted:
            raise Conflict(code="grade.stands", zh="这个等级已经确认。", en="This grade is confirmed already.",
                           field="grade", value=wanted)  # fmt: skip
        made = _row_again(row, before, at)
        made.grade, made.previous, made.reason = wanted, row.grade, reason.strip()
        made.how = "confirmed" if wanted == computed else "set"
        made.by_name, made.by_post_id = by.name, by.post
        _write(by, row, made)
    return made


def values_of(incident: Incident, table: GradeTable | None) -> dict[str, Value]:
    """Return the figures that grade: of each metric the one that stands, told in the table's window. Two queries."""
    happened = incident.happened_at or incident.opened_at
    rows = [
        row
        for row in figures_of(family(incident.pk))
        if table is None
        or in_window(table, incident.type_code, row.metric, happened=happened, as_of=row.as_of, zone=clock.BEIJING)
    ]
    found = standing(rows, RISING)
    return {metric: row.value if row.value is not None else row.word for metric, row in sorted(found.items())}


def figures_of(incidents: Sequence[UUID]) -> list[IncidentFigure]:
    """Return the undisputed figures of incidents, each metric's latest last. One query."""
    rows = IncidentFigure.objects.filter(incident__in=incidents, disputed=False)
    return list(rows.order_by("as_of", "at", "seq", "id"))


RISING = frozenset(metric for metric, rule in codes.FIGURES.items() if rule.rises)


def _table(incident: Incident) -> GradeTable | None:
    if not incident.type_code:
        return None
    on = (incident.happened_at or incident.opened_at).astimezone(clock.BEIJING).date()
    return table_for(tables_held(), Inputs(incident.type_code, on, {}, incident.division))


def _last(incident: Incident) -> IncidentGrade | None:
    return IncidentGrade.objects.filter(incident=incident).order_by("seq").last()


def _decided(incident: Incident) -> IncidentGrade:
    """The last grade a person confirmed or set, with what the table said then. Only for an incident that has one."""
    return IncidentGrade.objects.filter(incident=incident, how__in=("confirmed", "set")).order_by("-seq")[:1].get()


def _row(incident: Incident, found: Graded | None, values: dict[str, Value], at: datetime) -> IncidentGrade:
    row = IncidentGrade(incident=incident, division=incident.division, at=at, how="computed", inputs=values)
    if found is not None:
        row.grade = row.computed = found.grade
        row.table, row.table_version = found.table.code, found.table.version
        row.citation, row.first_guess, row.possible = found.citation.as_dict(), found.first_guess, found.possible
        row.mark = found.criterion.mark or found.table.mark if found.criterion else found.table.mark
        row.criterion = criterion_words(found)
    return row


def _row_again(incident: Incident, before: IncidentGrade | None, at: datetime) -> IncidentGrade:
    row = IncidentGrade(incident=incident, division=incident.division, at=at, how="set")
    if before is not None:
        for name in ("computed", "table", "table_version", "inputs", "criterion", "citation", "mark", "first_guess",
                     "possible"):  # fmt: skip
            setattr(row, name, getattr(before, name))
    return row


def _same(before: IncidentGrade, row: IncidentGrade) -> bool:
    names = ("computed", "table", "table_version", "criterion", "first_guess", "possible")
    return all(getattr(before, name) == getattr(row, name) for name in names)


def _write(by: Actor, incident: Incident, row: IncidentGrade) -> None:
    row.seq = IncidentGrade.objects.filter(incident=incident).count() + 1
    row.save(force_insert=True)
    if incident.grade != row.grade:
        incident.grade = row.grade
        incident.save(update_fields=["grade"])
    event = IncidentGraded(
        incident=str(incident.pk), grade=row.grade, previous=row.previous, computed=row.computed, how=row.how,
        type_code=incident.type_code, table=row.table, table_version=row.table_version, criterion=row.criterion,
        citation=row.citation, first_guess=row.first_guess, reason=row.reason,
    )  # fmt: skip
    record(event, by=by, about=f"incident:{incident.pk}", division=incident.division, at=row.at)
