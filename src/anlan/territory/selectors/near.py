"""What lies round a point, and who answers for the division it is in: asked for one row's page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from anlan.kernel.scope import Scope
from anlan.territory.models import Boundary, Post
from anlan.territory.selectors.register_sources import scope_where
from anlan.territory.selectors.registers import posts_described

BOX_KM = 5.0
KM_PER_DEGREE = 111.195

_NEAR = """
SELECT code, kind, name_zh, name_en, lon, lat, attributes, km FROM (
  SELECT t.*, 12742.0176 * asin(least(1, sqrt(power(sin(radians(t.lat - %(lat)s) / 2), 2) + cos(radians(%(lat)s))
    * cos(radians(t.lat)) * power(sin(radians(t.lon - %(lon)s) / 2), 2)))) AS km
  FROM territory_place t WHERE t.kind = ANY(%(kinds)s) AND t.state = 'active'
    AND t.lat BETWEEN %(lat)s - %(dy)s AND %(lat)s + %(dy)s AND t.lon BETWEEN %(lon)s - %(dx)s AND %(lon)s + %(dx)s
) near WHERE km <= %(km)s AND {inside} ORDER BY km LIMIT %(limit)s
"""


def places_near(
    scope: Scope, lon: float, lat: float, kinds: Sequence[str], *, km: float = BOX_KM, limit: int = 6
) -> list[dict[str, Any]]:
    """Return the places of some kinds nearest to a point (degrees), great-circle distance in km, within `km`: code,
    kind, name {zh, en}, attributes, km. One query."""
    from math import cos, radians

    inside, values = scope_where(scope, False, "near.division")
    named = {f"s{at}": value for at, value in enumerate(values)}
    for name in named:
        inside = inside.replace("%s", f"%({name})s", 1)
    asked = {
        "lon": lon, "lat": lat, "kinds": list(kinds), "km": km, "limit": limit, "dy": km / KM_PER_DEGREE,
        "dx": km / (KM_PER_DEGREE * max(0.01, cos(radians(lat)))), **named,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAR.format(inside=inside), asked)
        return [
            {"code": code, "kind": kind, "name": {"zh": zh, "en": en}, "lon": x, "lat": y, "attributes": json.loads(attributes),
             "km": away}
            for code, kind, zh, en, x, y, attributes, away in cursor.fetchall()
        ]  # fmt: skip


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
