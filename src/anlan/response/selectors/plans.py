"""Reading plans and the posts they speak of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import NotFound
from anlan.response.engine import plan as rulebook
from anlan.response.engine.metrics import touched
from anlan.response.engine.triggers import within
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
    """Return the rules of a plan version; kept in memory under the hash of its body, for a version never changes."""
    found = _KEPT.get(plan.sha256) if plan.sha256 else None
    if found is None:
        found = msgspec.convert(plan.body, rulebook.Plan)
        if plan.sha256:
            _KEPT[plan.sha256] = found
            while len(_KEPT) > KEPT:
                _KEPT.popitem(last=False)
    return found


KEPT = 256
_KEPT: OrderedDict[str, rulebook.Plan] = OrderedDict()


def plans_valid(at: datetime) -> list[Plan]:
    """Return the plans valid on the Beijing day of `at`, the latest version of each code, in code order. One query,
    which leaves the bodies where they are: `rules_of` knows most of them already."""
    day = at.astimezone(clock.BEIJING).date()
    rows = Plan.objects.defer("body").filter(valid_from__lte=day).order_by("code", "valid_from", "version", "id")
    newest = {row.code: row for row in rows if row.valid_to is None or row.valid_to > day}
    return list(newest.values())


def plans_touched(at: datetime, areas: Sequence[str], metrics: Collection[str], hazard: str = "") -> list[Plan]:
    """Return the plans valid at `at` that concern one of `areas` and that a fact on `metrics` about `hazard` can move, in
    code order. One query that makes no objects of the others: a gauge's signal passes by two dozen plans."""
    found: list[Plan] = []
    for row in _near(at, areas):
        rules = _KEPT.get(row[_SHA256])
        if rules is None or touched(rules, metrics, hazard):
            plan = Plan.from_db("default", _FIELDS, row)
            if rules is not None or touched(rules_of(plan), metrics, hazard):
                found.append(plan)
    return found


def plans_near(at: datetime, areas: Sequence[str]) -> list[UUID]:
    """Return the ids of the plans valid at `at` that concern one of `areas`, in code order. One query."""
    return [row[_ID] for row in _near(at, areas)]


def _near(at: datetime, areas: Sequence[str]) -> list[tuple[Any, ...]]:
    day = at.astimezone(clock.BEIJING).date()
    rows = (
        Plan.objects.filter(valid_from__lte=day).order_by("code", "valid_from", "version", "id").values_list(*_FIELDS)
    )
    newest = {row[_CODE]: row for row in rows if row[_UNTIL] is None or row[_UNTIL] > day}
    return [row for row in newest.values() if any(within(row[_AREA], area) for area in areas)]


_FIELDS = tuple(field.attname for field in Plan._meta.concrete_fields if field.name not in ("body", "hazards"))
_ID, _CODE, _AREA, _SHA256, _UNTIL = (_FIELDS.index(name) for name in ("id", "code", "division", "sha256", "valid_to"))


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


def standing(plan: Plan, track: str, incident: UUID | None = None) -> Standing:
    """Return how a plan stands on a track now, for one event or (None) for its whole area. Two queries."""
    levels = Level.objects.filter(plan__code=plan.code, track=track, incident=incident, until__isnull=True)
    opened = LevelProposal.objects.filter(plan__code=plan.code, track=track, incident=incident, state="open")
    found = {proposal.upward: proposal for proposal in opened.order_by("id")}
    return Standing(levels.first(), found.get(True), found.get(False))


def post_of(roles: tuple[str, ...], area: str) -> Post | None:
    """Return the first post of the first role that exists in the area itself, in code order; None when none does."""
    posts = list(Post.objects.filter(role__in=roles, division=area).order_by("code"))
    for role in roles:
        for post in posts:
            if post.role == role:
                return post
    return None
