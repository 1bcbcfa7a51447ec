"""Rescue teams: numbers exact, called through posts with holders, people on the territory's register."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict
from anlan.kernel.scope import Scope
from anlan.rescue import choices
from anlan.rescue.engine.teams import Seat, Wanted, forces_make
from anlan.rescue.models import Team, TeamMember
from anlan.rescue.selectors import forces_count, teams_list
from anlan.rescue.services import teams_generate
from anlan.rescue.sources import team_mix
from anlan.territory.models import Appointment, Organisation
from anlan.territory.services import generate

SYSTEM = Actor.system("tests")
NAMES = {code: item.zh for code, item in choices.SUBJECTS.items()}
SEATS = [
    Seat("4101", "某市", "City", 2, 113.0, 34.0, "4101.commander"),
    Seat("410181", "某县", "County", 3, 113.1, 34.1, "410181.commander"),
    Seat("410181100", "某镇", "Town", 4, 113.1, 34.2, "410181100.head"),
]


@pytest.mark.parametrize("people", [0, 1, 54, 55, 56, 1001])
def test_people_of_social_teams_add_up(people: int) -> None:
    made = forces_make(7, Wanted(3, people, 1), SEATS, team_mix(), NAMES)
    social = {team.code for team in made.teams if team.kind == "social"}
    assert sum(row.team in social for row in made.members) == people
    assert sum(team.strength for team in made.teams if team.kind == "social") == people
    assert [team.kind for team in made.teams].count("professional") == 3
    assert len({row.person for row in made.members}) == len(made.members) == len(made.part.persons)
    assert all(len(person.phone) == 11 and person.phone.startswith("100") for person in made.part.persons)


def test_more_township_teams_than_townships_is_refused() -> None:
    with pytest.raises(ValueError, match="townships"):
        forces_make(7, Wanted(0, 0, 2), SEATS, team_mix(), NAMES)


@pytest.mark.django_db
def test_teams_have_leaders_that_can_be_called_and_are_seen_in_scope(django_assert_num_queries: Any) -> None:
    generate("tiny", 7)
    teams = teams_generate(by=SYSTEM, root="4101", wanted=Wanted(4, 120, 12), seed=7)
    assert teams == {"professional": 4, "social": 3, "grassroots": 12}
    holders = Appointment.objects.filter(post__in=Team.objects.values("leader"))
    assert holders.count() == 2 * Team.objects.count()
    assert Organisation.objects.filter(kind__in=["rescue_team", "social_team"]).count() == 19
    assert TeamMember.objects.filter(team__kind="social").values("person").distinct().count() == 120
    assert Entry.objects.get(kind="teams.laid").data["teams"] == teams
    with django_assert_num_queries(1):
        rows = teams_list(Scope(("410181",)), kind="grassroots")
    assert rows
    assert all(row["division"].startswith("410181") and row["people"] == 2 for row in rows)
    with django_assert_num_queries(2):
        counts = forces_count(Scope.whole())
    assert counts["social"]["people"] == counts["social"]["strength"] == 120
    with pytest.raises(Conflict):
        teams_generate(by=SYSTEM, root="4101", wanted=Wanted(1, 0, 0), seed=7)
