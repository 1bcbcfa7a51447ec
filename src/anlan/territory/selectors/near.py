"""Who answers for the division a row lies in, and the outline round it: asked for one row's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anlan.kernel.scope import Scope
from anlan.territory.models import Boundary, Post
from anlan.territory.selectors.registers import posts_described


def posts_answering(scope: Scope, division: str, roles: Sequence[str]) -> list[dict[str, Any]]:
    """Return the posts of these roles in the division, its township and its county, the nearest first, with holders
    (telephones masked), as `posts_list` does. Three queries."""
    codes = [division[:length] for length in (12, 9, 6) if length <= max(len(division), 6)]
    rows = scope.filter_chain(Post.objects.filter(division__in=codes, role__in=list(roles), place__isnull=True))
    posts = list(rows.select_related("place", "superior").order_by("code")[:24])
    order = {role: at for at, role in enumerate(roles)}
    posts.sort(key=lambda row: (-len(row.division), order.get(row.role, 99), row.code))
    return posts_described(scope, posts)


def outline(division: str) -> tuple[str, tuple[float, float, float, float]] | None:
    """Return the code of the smallest division round this one that has an outline, with its box. One query."""
    codes = [division[:length] for length in (9, 6, 4, 2)]
    rows = Boundary.objects.filter(pk__in=codes).values_list("pk", "west", "south", "east", "north")
    found = max(rows, key=lambda row: len(row[0]), default=None)
    return (found[0], (found[1], found[2], found[3], found[4])) if found else None


def outline_geometry(division: str) -> Any:
    """Return the outline of a division as GeoJSON geometry. One query."""
    return Boundary.objects.values_list("geojson", flat=True).get(pk=division)
