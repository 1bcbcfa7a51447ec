"""The course of an incident: every entry of the journal, of any stage, that speaks of it or of its family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.kernel.journal.event import KINDS
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.choices_command import TEAM_DECISIONS
from anlan.response.choices_orders import ORDER_KINDS
from anlan.response.choices_report import REPORT_KINDS
from anlan.response.engine.plan import Words
from anlan.response.engine.story import said
from anlan.response.models import Incident
from anlan.response.selectors.family import family
from anlan.warning.selectors.frames import unpacked

MOST = 5000

_ABOUT = """
WITH told AS (
  SELECT 'incident:' || k AS about FROM unnest(%(ids)s::text[]) k
  UNION SELECT 'intake:' || id FROM response_intake WHERE incident_id = ANY(%(ids)s::uuid[])
  UNION SELECT 'level:' || id FROM response_level WHERE incident_id = ANY(%(ids)s::uuid[])
  UNION SELECT 'levelproposal:' || id FROM response_levelproposal WHERE incident_id = ANY(%(ids)s::uuid[])
  UNION SELECT 'task:' || id FROM response_task WHERE incident_id = ANY(%(ids)s::uuid[])
    OR about IN (SELECT 'incident:' || k FROM unnest(%(ids)s::text[]) k)
    OR about IN (SELECT 'intake:' || id FROM response_intake WHERE incident_id = ANY(%(ids)s::uuid[]))
), found AS (
  SELECT e.id FROM kernel_entry e JOIN told USING (about)
  UNION SELECT e.id FROM kernel_entry e WHERE e.data ->> 'incident' = ANY(%(ids)s::text[])
)
SELECT e.id AS number, e.kind, e.about, e.division, e.at, e.recorded_at, e.actor, e.data
FROM kernel_entry e JOIN found USING (id) ORDER BY e.at, e.id LIMIT %(most)s
"""


def incident_timeline(scope: Scope, incident: UUID) -> list[dict[str, Any]]:
    """Return the entries that speak of an incident, of one merged into it, of their reports, levels, proposals and tasks,
    in order of time: {number, at, recorded_at, kind, about, division, by {name, kind}, text {zh, en}, data}.

    NotFound when the reader may not see the incident. Three queries.
    """
    row = Incident.objects.filter(pk=incident).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                       en="There is no such incident, or it is not in your scope.", field="incident",
                       value=incident)  # fmt: skip
    keys = [str(key) for key in family(incident)]
    with connection.cursor() as cursor:
        cursor.execute(_ABOUT, {"ids": keys, "most": MOST})
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return [_told(entry) for entry in found if scope.sees(entry["division"])]


_OF_RESPONSE = """
WITH told AS (
  SELECT 'level:' || k AS about FROM unnest(%(ids)s::text[]) k
  UNION SELECT 'levelproposal:' || p.id FROM response_levelproposal p JOIN response_level l ON l.proposal_id = p.id
    WHERE l.id = ANY(%(ids)s::uuid[])
  UNION SELECT 'task:' || id FROM response_task WHERE level_id = ANY(%(ids)s::uuid[])
)
SELECT e.id AS number, e.kind, e.about, e.division, e.at, e.recorded_at, e.actor, e.data
FROM kernel_entry e JOIN told USING (about) ORDER BY e.at, e.id LIMIT %(most)s
"""


def response_timeline(scope: Scope, levels: Sequence[UUID]) -> list[dict[str, Any]]:
    """The same of a response: the entries that speak of its levels, their proposals and its tasks. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_RESPONSE, {"ids": [str(key) for key in levels], "most": MOST})
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return [_told(entry) for entry in found if scope.sees(entry["division"])]


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    actor, data = (unpacked(entry[name]) for name in ("actor", "data"))
    event = KINDS.get(entry["kind"])
    words = said(entry["kind"], data, names=NAMES, about=(event.__doc__ if event else None) or "")
    return {
        "number": entry["number"],
        "at": entry["at"].isoformat(),
        "recorded_at": entry["recorded_at"].isoformat(),
        "kind": entry["kind"],
        "about": entry["about"],
        "division": entry["division"],
        "by": {"name": actor.get("name", ""), "kind": actor.get("kind", "")},
        "text": words.as_dict(),
        "data": data,
    }


def _names() -> dict[str, Words]:
    found: dict[str, Words] = {}
    for one in (choices.GRADES, codes.DOORS, codes.HOW_GRADED, codes.DENSITIES, codes.LOSSES, REPORT_KINDS, ORDER_KINDS,
                TEAM_DECISIONS):  # fmt: skip
        found.update({code: Words(each.zh, each.en) for code, each in one.items()})
    return found | {code: Words(each.zh, each.en) for code, each in codes.FIGURES.items()}


NAMES = _names()
