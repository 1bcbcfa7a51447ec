"""The family of an incident: the one a thing is dealt with as, and all that were merged into it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from anlan.response.models import Incident

_FAMILY = """
WITH RECURSIVE f AS (
  SELECT id FROM response_incident WHERE id = %s
  UNION SELECT i.id FROM response_incident i JOIN f ON i.merged_into_id = f.id
) SELECT id FROM f ORDER BY id
"""


def family(incident: UUID) -> list[UUID]:
    """Return the ids of an incident and of all merged into it, whatever the depth, in order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [incident])
        return [key for (key,) in cursor.fetchall()]


def root_of(incident: Incident) -> Incident:
    """Return the incident it goes on in; itself when it was merged into none."""
    found = incident
    while found.merged_into is not None:
        found = found.merged_into
    return found
