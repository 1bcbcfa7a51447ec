"""Taking hold of an incident that is to change: in scope, entitled, and not one that goes on in another."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.models import Incident


def locked(by: Actor, incident: UUID, act: str = "incident.open") -> Incident:
    """Return an open incident, locked. Raises NotFound, Forbidden, Conflict when it was merged or has ended."""
    row = held(by, incident, act)
    not_merged(row)
    if row.state == "closed":
        raise Conflict(code="incident.closed", zh="事件已结束。", en="The incident is closed already.",
                       field="incident", value=incident)  # fmt: skip
    return row


def held(by: Actor, incident: UUID, act: str = "incident.open") -> Incident:
    """Return an incident in whatever state, locked. Raises NotFound, Forbidden."""
    row = Incident.objects.select_for_update(of=("self",)).filter(pk=incident).first()
    if row is None or not by.scope.sees(row.division):
        raise missing(incident)
    by.must(act, row.division)
    return row


def not_merged(row: Incident) -> None:
    """Conflict where the incident goes on in another one."""
    if row.state == "merged":
        raise Conflict(
            code="incident.merged",
            zh="该事件已并入另一事件，请在那里办理。",
            en="This incident goes on in another one; act there.",
            field="incident",
            value=row.pk,
            into=str(row.merged_into_id),
        )


def seen(by: Actor, incident: UUID | None) -> None:
    """NotFound unless an incident, where one is named, is there and to be seen."""
    if incident is None:
        return
    division = Incident.objects.filter(pk=incident).values_list("division", flat=True).first()
    if division is None or not by.scope.sees(division):
        raise missing(incident)


def missing(key: UUID) -> NotFound:
    """Return the refusal of an incident that isn't there or isn't to be seen."""
    return NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                    en="There is no such incident, or it is not in your scope.", field="incident", value=key)  # fmt: skip


def reasoned(reason: str) -> None:
    """Invalid without how one knows."""
    if not reason.strip():
        raise Invalid(code="incident.no_reason", zh="请写明依据。", en="Say how you know.", field="reason",
                      value=reason)  # fmt: skip
