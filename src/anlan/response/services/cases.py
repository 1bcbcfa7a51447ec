"""What a level is about: one event, or a danger to the plan's whole area (一事一响应)."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, NotFound
from anlan.response.engine import plan as rulebook
from anlan.response.engine.triggers import within
from anlan.response.models import Incident
from anlan.response.selectors.family import root_of


def case_incident(by: Actor, rules: rulebook.Plan, incident: UUID | None) -> UUID | None:
    """Return the event a level of this plan belongs to: None where the plan answers its whole area, whatever is given;
    else the incident, or the one it was merged into.

    Raises Invalid (the plan answers single events and none is named; it lies outside the plan's area), NotFound.
    """
    if rules.per == "area":
        return None
    if incident is None:
        raise Invalid(
            code="level.no_incident",
            zh=f"《{rules.name.zh}》针对单起事件启动，请选择事件。",
            en=f"“{rules.name.en}” answers single events; choose the incident.",
            field="incident",
            value=None,
        )
    row = incident_root(incident)
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                       en="There is no such incident, or it is not in your scope.", field="incident", value=incident)  # fmt: skip
    if not within(rules.area, row.division):
        raise Invalid(
            code="level.elsewhere",
            zh=f"事件在{row.division}，不属于该预案的区域{rules.area}；请选择当地预案。",
            en=f"The incident lies in {row.division}, outside the plan's area {rules.area}; choose the plan there.",
            field="incident",
            value=incident,
        )
    return row.pk


def incident_root(incident: UUID) -> Incident | None:
    """Return the incident, or the one it went on in after merging; None when there is none."""
    row = Incident.objects.select_related("merged_into").filter(pk=incident).first()
    return root_of(row) if row is not None else None
