"""Posts, their holders and what they are found by, read from the database as columns. Four queries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pyarrow as pa
import shapely
from django.db import connection
from shapely.geometry import shape

from anlan.territory.engine.holders import holders_build
from anlan.territory.models import Boundary
from anlan.territory.selectors.register_columns import copied

HOLDERS = "holders"
MOST_WRITTEN = 20_000  # beyond that a list says it is behind, rather than lay so much over its snapshot
TABLES = ("post", "person", "place", "appointment", "duty", "division", "boundary")

_POSTS = """
SELECT p.id, p.code, p.role, p.division, pa.id, pa.name, pa.phone, pa.phone_alt, pa.division,
       pb.id, pb.name, pb.phone, pb.phone_alt, pb.division
FROM territory_post p
LEFT JOIN territory_appointment a ON a.post_id = p.id AND a.holder = 'A' AND a.valid_to IS NULL
LEFT JOIN territory_person pa ON pa.id = a.person_id
LEFT JOIN territory_appointment b ON b.post_id = p.id AND b.holder = 'B' AND b.valid_to IS NULL
LEFT JOIN territory_person pb ON pb.id = b.person_id
WHERE {only} ORDER BY p.code
"""
_ENTRIES = """
SELECT p.id, pl.lon, pl.lat, pl.code FROM territory_post p JOIN territory_place pl ON pl.id = p.place_id
  WHERE pl.state = 'active' AND {only}
UNION SELECT p.id, pl.lon, pl.lat, pl.code FROM territory_duty d JOIN territory_post p ON p.id = d.post_id
  JOIN territory_place pl ON pl.id = d.place_id WHERE pl.state = 'active' AND {only}
UNION SELECT p.id, NULL, NULL, p.division FROM territory_post p WHERE p.place_id IS NULL AND {only}
  AND NOT EXISTS (SELECT 1 FROM territory_duty d WHERE d.post_id = p.id AND d.place_id IS NOT NULL)
UNION SELECT p.id, NULL, NULL, d.division FROM territory_duty d JOIN territory_post p ON p.id = d.post_id
  WHERE d.place_id IS NULL AND {only}
"""
_DIVISIONS = "SELECT code, lon, lat, legal_parent_id FROM territory_division WHERE valid_to IS NULL"
_SIDE = ("id", "name", "phone", "alt", "division")
_TEXT, _FLOAT = pa.string(), pa.float64()


def holders_arrays(posts: Iterable[UUID] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return arrays and meta of `engine.holders.Holders`, of all posts or of some, as far as the session may see."""
    only = "true"
    if posts is not None:
        only = f"p.id = ANY('{{{','.join(str(UUID(str(each))) for each in posts)}}}'::uuid[])"
    columns = ["id", "code", "role", "division", *(f"a_{name}" for name in _SIDE), *(f"b_{name}" for name in _SIDE)]
    rows = copied(_POSTS.format(only=only), dict.fromkeys(columns, _TEXT))
    entries = copied(_ENTRIES.format(only=only), {"post": _TEXT, "lon": _FLOAT, "lat": _FLOAT, "ref": _TEXT})
    divisions = copied(_DIVISIONS, {"code": _TEXT, "lon": _FLOAT, "lat": _FLOAT, "legal": _TEXT})
    return holders_build(rows, entries, divisions, _outlines())


def holders_stand(seen: str, most: int) -> tuple[str, int, int]:
    """Return (id of this database, number of rows a snapshot has not seen that posts and holders depend on, a mark
    that grows with each writing). One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT database::text FROM kernel_nodestate WHERE id = 1), n, mark FROM territory_stand(%s, %s, %s)",
            [HOLDERS, seen, most],
        )
        database, written, mark = cursor.fetchone()
    return database or "", int(written), int(mark)


def holders_written(seen: str) -> int:
    """Return how many such rows were written, counted no further than where lists fall behind."""
    return holders_stand(seen, MOST_WRITTEN)[1]


def _outlines() -> dict[str, bytes]:
    rows = Boundary.objects.filter(division__valid_to__isnull=True).values_list("division_id", "geojson")
    found = {}
    for code, geometry in rows.iterator():
        outline = shape(json.loads(geometry) if isinstance(geometry, str) else geometry)
        found[code] = shapely.to_wkb(outline if outline.is_valid else shapely.make_valid(outline))
    return found
