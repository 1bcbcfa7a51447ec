"""The only readers of the rescue stage used by faces."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum

from anlan.kernel.scope import Scope
from anlan.rescue import choices
from anlan.rescue.models import Team, TeamMember
from anlan.response.selectors.registered_teams import RegisteredTeam

MOST = 500


def teams_list(
    scope: Scope, *, kind: str = "", division: str = "", after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Return teams in code order after the code `after`, with how many people are on the register. One query."""
    people = Count("members", filter=Q(members__left_on__isnull=True))
    rows = scope.filter(Team.objects.select_related("leader").annotate(people=people)).order_by("code")
    if kind:
        rows = rows.filter(kind=kind)
    if division:
        rows = rows.filter(division__startswith=division)
    if after:
        rows = rows.filter(code__gt=after)
    return [_team(row) for row in rows[: min(limit, MOST)]]


def teams_known(division: str, code: str) -> list[RegisteredTeam]:
    """Return the teams of a division, or the one of a code, as command posts see them. One query."""
    rows = Team.objects.annotate(people=Count("members", filter=Q(members__left_on__isnull=True))).order_by("code")
    rows = rows.filter(code=code) if code else rows.filter(division__startswith=division)
    return [
        RegisteredTeam(row.code, row.name_zh, row.name_en, row.kind, row.people or row.strength, row.insured_to)
        for row in rows[:MOST]
    ]


def forces_count(scope: Scope) -> dict[str, dict[str, int]]:
    """Return per kind of team: teams, strength, people on the register. Two queries."""
    rows = (
        scope.filter(Team.objects.all())
        .values("kind")
        .annotate(teams=Count("pk"), strength=Sum("strength"))
        .order_by("kind")
    )
    members = scope.filter(TeamMember.objects.filter(left_on__isnull=True)).values_list("team__kind")
    people = dict(members.annotate(n=Count("pk")).order_by("team__kind"))
    return {
        row["kind"]: {"teams": row["teams"], "strength": row["strength"], "people": people.get(row["kind"], 0)}
        for row in rows
    }


def _team(row: Any) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "kind": {"code": row.kind, **choices.name(choices.KINDS, row.kind)},
        "subject": {"code": row.subject, **choices.name(choices.SUBJECTS, row.subject)},
        "division": row.division,
        "lon": row.lon,
        "lat": row.lat,
        "leader": row.leader.code,
        "strength": row.strength,
        "people": row.people,
        "ready_day_min": row.ready_day_min,
        "ready_night_min": row.ready_night_min,
        "self_support_h": row.self_support_h,
        "radius_km": row.radius_km,
        "vehicles": row.vehicles,
        "equipment": row.equipment,
        "insured_to": row.insured_to,
        "last_drill": row.last_drill,
    }
