"""Who called: masked by default, shown in full for a reason on record, destroyed by the response's purge clock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.response.events import CallerSeen
from anlan.response.models import Intake
from anlan.response.services.intakes import no_intake
from anlan.warning.services.moment import pinned


def caller_unmask(*, by: Actor, intake: UUID, reason: str, at: datetime | None = None) -> dict[str, str]:
    """Return who called, in full, to call back. That it was looked at, by whom and why, goes into the journal.

    Raises NotFound, Forbidden, Invalid without a reason."""
    at = at or clock.now()
    with pinned(at):
        row = Intake.objects.filter(pk=intake).first()
        if row is None or not by.scope.covers(row.division):
            raise no_intake(intake)
        by.must("person.unmask", row.division)
        if not reason.strip():
            raise Invalid(code="intake.no_reason", zh="查看来电人须写明理由。", en="Say why you look at the caller.",
                          field="reason", value=reason)  # fmt: skip
        record(CallerSeen(intake=str(row.pk), reason=reason.strip()), by=by, about=f"intake:{row.pk}",
               division=row.division, at=at)  # fmt: skip
    return {key: str(value) for key, value in row.caller.items()}
