"""What a generated territory adds up to, counted in the database, against what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.db.models import Count, Q, Sum

from anlan.kernel.scope import Scope
from anlan.relief.selectors import coverage
from anlan.rescue.models import Team, TeamMember
from anlan.response.models import PlanTitle
from anlan.risk.models import SurveyRecord
from anlan.territory.codes import COUNTY, PREFECTURE, TOWNSHIP, VILLAGE, is_placeholder
from anlan.territory.engine.spec import World
from anlan.territory.models import Appointment, Division, Unit


class Total(NamedTuple):
    """One number: what was wanted, what the database holds."""

    metric: str
    wanted: int
    made: int
    equal: bool


def totals(world: World, wanted: Mapping[str, int]) -> list[Total]:
    """Return every total of `wanted` that the database can be asked for, and the divisions against the lists."""
    lists = _listed(world)
    asked = {**{name: count for name, count in wanted.items() if name in COUNTED}, **lists}
    found = []
    for metric, number in asked.items():
        made = COUNTED[metric](world.profile.root)
        found.append(Total(metric, number, made, made == number))
    return found


def _listed(world: World) -> dict[str, int]:
    """Return what the territory's own lists hold inside the root, and the residents where they are known."""
    inside = [unit for unit in world.units.values() if unit.code.startswith(world.profile.root)]
    found = {
        "counties": sum(u.level == COUNTY and u.kind not in ("functional_zone", "placeholder") for u in inside),
        "townships": sum(u.level == TOWNSHIP and u.kind != "quasi" for u in inside),
        "villages": sum(u.level == VILLAGE for u in inside),
    }
    if len(world.profile.root) == 2:
        found["prefecture_cities"] = sum(u.level == PREFECTURE and not is_placeholder(u.code) for u in inside)
    known = world.population.get(world.profile.root)
    return found | ({"population": known} if known is not None else {})


def _divisions(level: int, *without: str) -> Callable[[str], int]:
    rows = Division.objects.filter(level=level).exclude(kind__in=without)
    return lambda root: rows.filter(code__startswith=root).count()


def _population(root: str) -> int:
    """Residents of the counties; of prefectures without counties their own."""
    rows = Division.objects.filter(code__startswith=root).exclude(kind="functional_zone")
    counties = rows.filter(level=COUNTY).aggregate(n=Sum("population"))["n"] or 0
    bare = rows.filter(level=PREFECTURE).annotate(n=Count("children", filter=Q(children__level=COUNTY)))
    return int(counties) + int(bare.filter(n=0).aggregate(s=Sum("population"))["s"] or 0)


def _holders(role: str) -> Callable[[str], int]:
    rows = Appointment.objects.filter(post__role=role, valid_to=None)
    return lambda root: rows.filter(division__startswith=root).values("person").distinct().count()


def _social(root: str) -> int:
    rows = TeamMember.objects.filter(team__kind="social", left_on=None, division__startswith=root)
    return rows.values("person").distinct().count()


COUNTED: dict[str, Callable[[str], int]] = {
    "production_units": lambda root: Unit.objects.filter(division__startswith=root[:2]).count(),
    "risk_survey_records": lambda root: SurveyRecord.objects.filter(division__startswith=root).count(),
    "risk_survey_categories": lambda root: SurveyRecord.objects.values("category").distinct().count(),
    "professional_teams": lambda root: Team.objects.filter(kind="professional", division__startswith=root).count(),
    "townships_with_teams": lambda root: Team.objects.filter(kind="grassroots", division__startswith=root).count(),
    "social_rescuers": _social,
    "special_plans": lambda root: PlanTitle.objects.filter(kind="special", division=root).count(),
    "reserve_capacity_people": lambda root: coverage(Scope.whole(), division=root).people,
    "safety_guides": _holders("safety_guide"),
    "disaster_information_officers": _holders("village_officer"),
    "prefecture_cities": _divisions(PREFECTURE, "placeholder"),
    "counties": _divisions(COUNTY, "functional_zone", "placeholder"),
    "townships": _divisions(TOWNSHIP, "quasi"),
    "villages": _divisions(VILLAGE),
    "population": _population,
}
