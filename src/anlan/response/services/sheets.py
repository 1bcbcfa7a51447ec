"""A call sheet in one act: what was said is kept, and it opens an incident or joins one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.response.models import Incident
from anlan.response.services.intakes import Said, incident_receive, intake_join, intake_open
from anlan.warning.services.moment import pinned


def sheet_take(
    *,
    by: Actor,
    door: str,
    division: str,
    said: Said,
    title: Mapping[str, str] | None = None,
    about: str = "",
    join: UUID | None = None,
    at: datetime | None = None,
) -> Incident:
    """Keep what was said and open an incident of it, or join it to one; all or nothing. Raises as the steps do."""
    at = at or clock.now()
    with pinned(at):
        intake = incident_receive(by=by, door=door, division=division, said=said, about=about, at=at)
        if join is None:
            return intake_open(by=by, intake=intake.pk, title=title, at=at)
        intake_join(by=by, intake=intake.pk, incident=join, at=at)
        return Incident.objects.get(pk=join)
