"""Whose a task is: the posts a plan's task rules speak of, in the plan's area and near its event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from anlan.response.engine.plan import Owner, Plan, TaskRule
from anlan.response.models import Incident
from anlan.territory.models import Post

DESK = "city_duty"


def area_of(rules: Plan, incident: UUID | None) -> str:
    """Return the area a response is in force in: the county of its event (or the event's own, wider one), else the
    plan's."""
    if incident is None:
        return rules.area
    division = Incident.objects.values_list("division", flat=True).get(pk=incident)
    return division[: max(6, len(rules.area))] if division.startswith(rules.area) else rules.area


def owners_near(area: str, rules: Iterable[TaskRule], near: str) -> list[Post]:
    """Return the posts the rules speak of in a plan's area, in code order, the area's desk too: those above `near` and
    those in it, none beside it."""
    roles = sorted({rule.owner.role for rule in rules} | {DESK})
    rows = Post.objects.filter(division__startswith=area, role__in=roles).order_by("code")
    return [post for post in rows if post.division.startswith(near) or near.startswith(post.division)]


def owns(owner: Owner, post: Post) -> bool:
    """Does this post carry tasks of this owner rule? Departments are told apart by the end of the post's code."""
    if post.role != owner.role:
        return False
    if owner.tier and len(post.division) != {"city": 4, "county": 6}[owner.tier]:
        return False
    return not owner.department or post.code.endswith(f".department.{owner.department}")


def owners_of(rule: TaskRule, posts: Sequence[Post]) -> list[Post]:
    """Return the posts among `posts` that carry a task."""
    return [post for post in posts if owns(rule.owner, post)]


def desk_in(posts: Sequence[Post], area: str) -> list[Post]:
    """Return the area's own duty desk, if it is among `posts`: it takes what nobody on the roster carries."""
    return [post for post in posts if post.role == DESK and post.division == area][:1]
