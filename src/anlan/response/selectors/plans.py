"""Reading plans and the posts they speak of."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import NotFound
from anlan.response.engine import plan as rulebook
from anlan.response.models import Level, LevelProposal, Plan
from anlan.territory.models import Post


class Standing(NamedTuple):
    """How a plan stands on a track: the level in force (or none) and the open proposals upward and downward."""

    level: Level | None
    up: LevelProposal | None
    down: LevelProposal | None

    @property
    def number(self) -> int:
        """The level in force as a number, 0 for none."""
        return self.level.level if self.level else 0


def rules_of(plan: Plan) -> rulebook.Plan:
    """Return the rules of a plan version; cached, for a version never changes."""
    return _rules(plan.pk, msgspec.json.encode(plan.body))


@lru_cache(maxsize=64)
def _rules(_: UUID, body: bytes) -> rulebook.Plan:
    return msgspec.json.decode(body, type=rulebook.Plan)


def plans_valid(at: datetime) -> list[Plan]:
    """Return the plans valid on the Beijing day of `at`, the latest version of each code, in code order. One query."""
    day = at.astimezone(clock.BEIJING).date()
    rows = Plan.objects.filter(valid_from__lte=day).order_by("code", "valid_from", "version", "id")
    newest = {row.code: row for row in rows if row.valid_to is None or row.valid_to > day}
    return list(newest.values())


def plan_get(code: str, at: datetime) -> Plan:
    """Return the valid version of the plan `code`; NotFound when there is none at that time."""
    for plan in plans_valid(at):
        if plan.code == code:
            return plan
    raise NotFound(
        code="response.no_plan",
        zh=f"没有在用的预案“{code}”；请先导入预案。",
        en=f"No plan “{code}” is in use; load the plan first.",
        field="plan",
        value=code,
    )


def tracks() -> tuple[str, ...]:
    """Return the tracks decisions are kept on: "main", and in a replay of a real event "history" too."""
    drill = drill_state()
    wanted = drill.settings.get("tracks", ["main"]) if drill is not None else ["main"]
    return tuple(track for track in ("main", "history") if track == "main" or track in wanted)


def standing(plan: Plan, track: str) -> Standing:
    """Return how a plan stands on a track now. Two queries."""
    level = Level.objects.filter(plan__code=plan.code, track=track, until__isnull=True).first()
    opened = LevelProposal.objects.filter(plan__code=plan.code, track=track, state="open").order_by("id")
    found = {proposal.upward: proposal for proposal in opened}
    return Standing(level, found.get(True), found.get(False))


def post_of(roles: tuple[str, ...], area: str) -> Post | None:
    """Return the first post of the first role that exists in the area itself, in code order; None when none does."""
    posts = list(Post.objects.filter(role__in=roles, division=area).order_by("code"))
    for role in roles:
        for post in posts:
            if post.role == role:
                return post
    return None
