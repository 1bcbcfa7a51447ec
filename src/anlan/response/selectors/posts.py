"""Posts to give orders to: found by name or code within reach, the leaders first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel.scope import Scope
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.territory.models import Post
from anlan.territory.selectors import division_names

Json = dict[str, Any]
LISTED = 30
DESKS = ("township_duty", "county_duty", "city_duty", "province_duty")
LEADERS = (
    "city_commander", "city_deputy", "city_duty", "county_commander", "county_deputy", "county_duty", "province_duty",
)  # fmt: skip


def posts_found(scope: Scope, words: str, *, above: bool = False, leaders: bool = False) -> list[Json]:
    """Posts inside the scope whose name, code, organisation or division holds every word; `above`: those above it too.
    `leaders`: only commanders and duty desks. The highest division first. Two queries."""
    rows = Post.objects.select_related("organisation")
    rows = scope.filter_chain(rows) if above else scope.filter(rows)
    if leaders:
        rows = rows.filter(role__in=LEADERS)
    for word in words.split()[:5]:
        rows = rows.filter(
            Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(code__istartswith=word)
            | Q(organisation__name_zh__icontains=word) | Q(organisation__name_en__icontains=word)
        )  # fmt: skip
    if not words.strip() and not leaders:
        rows = rows.filter(role__in=[*LEADERS, "department_duty"])
    return _named(list(rows.order_by("division", "role", "code")[:LISTED]))


def desks_of(divisions: Iterable[str]) -> dict[str, Post]:
    """Division → its duty desk, where it has one. One query."""
    rows = Post.objects.filter(division__in=set(divisions), role__in=DESKS).order_by("-code")
    return {post.division: post for post in rows}


def leader_posts(desk: Post) -> list[Post]:
    """The posts of commanders and deputies beside a desk: where a leader on duty may answer calls."""
    return list(Post.objects.filter(division=desk.division, role__in=LEADER_ROLES).order_by("role", "code"))


def posts_named(scope: Scope, keys: Sequence[str]) -> dict[str, Json]:
    """Posts by id, those in sight alone."""
    wanted = []
    for key in keys:
        try:
            wanted.append(UUID(key))
        except ValueError:
            continue
    rows = scope.filter_chain(Post.objects.select_related("organisation").filter(pk__in=wanted)) if wanted else []
    return {one["id"]: one for one in _named(list(rows))}


def _named(found: list[Post]) -> list[Json]:
    places = division_names(sorted({post.division for post in found}))
    return [
        {
            "id": str(post.pk), "code": post.code, "name": {"zh": post.name_zh, "en": post.name_en or post.name_zh},
            "where": places.get(post.division, {"zh": post.division, "en": post.division}),
        }
        for post in found
    ]  # fmt: skip
