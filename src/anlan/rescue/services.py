"""The only writers of the rescue stage's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.rescue.choices import SUBJECTS
from anlan.rescue.engine.teams import Forces, Seat, Wanted, forces_make
from anlan.rescue.events import TeamsLaid
from anlan.rescue.models import Team
from anlan.rescue.sources import team_mix
from anlan.territory.codes import PREFECTURE, TOWNSHIP
from anlan.territory.engine.keys import stable_ids
from anlan.territory.models import Division, Post
from anlan.territory.services.additions import part_add
from anlan.territory.services.copying import Copier

Say = Callable[[str, int, int], None]
TABLES = {
    "teams": (
        "rescue_team",
        "id,code,name_zh,name_en,kind,subject,level,organisation_id,leader_id,lon,lat,strength,ready_day_min,"
        "ready_night_min,self_support_h,radius_km,vehicles,equipment,insured_to,last_drill,division",
    ),
    "members": (
        "rescue_teammember",
        "id,team_id,person_id,role,skills,certificate,certificate_to,insured_to,state,division",
    ),
}
COMMANDS = ("city_commander", "county_commander", "township_head", "province_duty")


@transaction.atomic
def teams_generate(
    *, by: Actor, root: str, wanted: Wanted, seed: int, at: datetime | None = None, say: Say | None = None
) -> dict[str, int]:
    """Lay down teams for the divisions inside `root`, their leaders' posts and their people; return teams per kind.

    Conflict when there are teams already, Forbidden without the act `territory.generate`.
    """
    by.must("territory.generate", root)
    if Team.objects.exists():
        raise Conflict(
            code="rescue.teams_there",
            zh="已有救援队伍；请换一个空库再生成。",
            en="There are rescue teams already; generate into an empty database.",
            field="root",
            value=root,
        )
    made = forces_make(seed, wanted, _seats(root), team_mix(), {code: item.zh for code, item in SUBJECTS.items()})
    part_add(by=by, made=made.part, checked=team_mix()["as_of"], seed=seed)
    copier = Copier(TABLES)
    _copy(copier, made)
    copier.close()
    if say:
        say("teams and members", len(made.members), len(made.members))
    kinds = {team.code: team.kind for team in made.teams}
    teams, members = dict(Counter(kinds.values())), dict(Counter(kinds[row.team] for row in made.members))
    event = TeamsLaid(seed=seed, teams=teams, members=members, hashes=copier.digests())
    record(event, by=by, about=f"territory:{root}", division=root, at=at)
    return teams


def _seats(root: str) -> list[Seat]:
    """Return the divisions that can have a team: those with a post in command, quasi townships left out."""
    posts = Post.objects.filter(role__in=COMMANDS, division__startswith=root).order_by("code")
    above = dict(posts.values_list("division", "code"))
    rows = Division.objects.filter(code__startswith=root, level__range=(PREFECTURE, TOWNSHIP), lon__isnull=False)
    return [
        Seat(row.code, row.name_zh, row.name_en, row.level, row.lon or 0.0, row.lat or 0.0, above[row.code])
        for row in rows.exclude(kind="quasi").order_by("code")
        if row.code in above
    ]


def _copy(copier: Copier, made: Forces) -> None:
    teams = stable_ids("team", [row.code for row in made.teams])
    organisations = stable_ids("organisation", [row.organisation for row in made.teams])
    leaders = stable_ids("post", [row.leader for row in made.teams])
    copier.add(
        "teams",
        [
            (own, *row[:6], organisation, leader, *row[8:])
            for own, organisation, leader, row in zip(teams, organisations, leaders, made.teams, strict=True)
        ],
    )
    own, of = (stable_ids("member", [r.code for r in made.members]), stable_ids("team", [r.team for r in made.members]))
    persons = stable_ids("person", [row.person for row in made.members])
    copier.add(
        "members",
        [(i, team, person, *row[3:]) for i, team, person, row in zip(own, of, persons, made.members, strict=True)],
    )
