"""People and acts at an on-site command post, for its tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.kernel.actor import Actor
from anlan.response import services as do
from anlan.response.models import CommandPost, TeamIntake
from tests.response.scene import RED, SCENE, person

COUNTY = "410182"


def minute(n: float) -> datetime:
    """So many minutes after the scene's beginning."""
    return RED + timedelta(minutes=n)


def county() -> Actor:
    """The county's commander."""
    return person(f"{COUNTY}.commander", "decider")


def desk() -> Actor:
    """The county's duty desk."""
    return person(f"{COUNTY}.duty", "duty")


def team(
    post: CommandPost, name: str = "蓝天救援队", people: int = 20, accept: bool = True, at: float = 20
) -> TeamIntake:
    """A team that registers and, unless told otherwise, is accepted into the rescue group."""
    row = do.team_register(by=SCENE, command_post=post.pk, name=name, leader="队长", people=people, contact="13800001234",
                           at=minute(at))  # fmt: skip
    if not accept:
        return row
    return do.team_decide(by=SCENE, team=row.pk, decision="accept", group="rescue", at=minute(at))
