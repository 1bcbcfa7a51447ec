"""How a warning ends: cancelled by a person, or expired by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.warning.events import WarningCancelled, WarningExpired
from anlan.warning.models import Warning
from anlan.warning.services.calls import calls_close
from anlan.warning.services.issue import chain_locked
from anlan.warning.services.message import cap_file
from anlan.warning.services.moment import pinned
from anlan.warning.services.rows import number_next


@transaction.atomic
def warning_cancel(*, by: Actor, warning: Warning, reason: str, at: datetime | None = None) -> Warning:
    """Cancel the chain `warning` belongs to: a CAP Cancel that links to the first message; open calls stop.

    Raises Conflict `warning.over` when it has already ended, Invalid without a reason.
    """
    moment = at or clock.now()
    if not reason.strip():
        raise Invalid(
            code="warning.no_reason",
            zh="解除预警须写明理由。",
            en="Say why the warning is cancelled.",
            field="reason",
            value=reason,
        )
    first, standing = chain_locked(warning)
    for code in standing.area:
        by.must("warning.issue", code)
    standing.cancel_number = number_next(standing.division, standing.issuer_kind, moment)
    standing.cancel_reason = reason
    earlier = [first] if standing == first else [first, standing]
    standing.cancel_xml = cap_file(standing, "Cancel", earlier, at=moment, number=standing.cancel_number, note=reason)
    standing.state, standing.state_at = "cancelled", moment
    standing.save(update_fields=["cancel_number", "cancel_reason", "cancel_xml", "state", "state_at"])
    calls_close(by=by, warning=standing, at=moment)
    record(
        WarningCancelled(
            warning=str(standing.id), number=standing.number, cancel_number=standing.cancel_number, reason=reason
        ),
        by=by,
        about=f"warning:{standing.id}",
        division=standing.division,
        at=moment,
    )
    return standing


def warnings_expire(now: datetime) -> int:
    """End every warning whose time ran out by `now`, at its exact end; returns how many."""
    by, done = Actor.system("warning"), 0
    with transaction.atomic():
        over = Warning.objects.select_for_update(skip_locked=True).filter(state="in_force", expires__lte=now)
        for warning in over.order_by("expires", "id"):
            with pinned(warning.expires):
                warning.state, warning.state_at = "expired", warning.expires
                warning.save(update_fields=["state", "state_at"])
                calls_close(by=by, warning=warning, at=warning.expires)
                record(
                    WarningExpired(
                        warning=str(warning.id), number=warning.number, colour=warning.colour, hazard=warning.hazard
                    ),
                    by=by,
                    about=f"warning:{warning.id}",
                    division=warning.division,
                    at=warning.expires,
                )
            done += 1
    return done
