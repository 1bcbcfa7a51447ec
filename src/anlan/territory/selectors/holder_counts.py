"""How many people hold posts in an area, counted in the database: each once, for the weightiest of their posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

# A person's weightiest post: kinds of place in their order, then the lowest division, then the post's code. A post nobody
# holds counts by itself. Whoever sits at a post by the roster stands in for its appointed holder.
_POSTS = "p.division ^@ ANY(%(codes)s) AND p.role = ANY(%(roles)s)"
_SITE = "COALESCE(array_position(%(sites)s, pl.kind::text), 99)"
_TURN = """
WITH turn AS (SELECT DISTINCT ON (s.post_id, s.holder) s.post_id, s.holder, s.person_id FROM territory_shift s
  WHERE NOT s.cancelled AND s.starts_at <= %(at)s AND s.ends_at > %(at)s AND s.division ^@ ANY(%(codes)s)
  ORDER BY s.post_id, s.holder, s.starts_at DESC, s.id DESC)"""
_SEATS = f"""
held AS (SELECT p.id, p.code, p.role, p.division, pl.kind,
  COALESCE(ta.person_id, a.person_id, tb.person_id, b.person_id) AS person,
  {_SITE} AS site
  FROM territory_post p LEFT JOIN territory_place pl ON pl.id = p.place_id
  LEFT JOIN territory_appointment a ON a.post_id = p.id AND a.holder = 'A' AND a.valid_to IS NULL
  LEFT JOIN territory_appointment b ON b.post_id = p.id AND b.holder = 'B' AND b.valid_to IS NULL
  LEFT JOIN turn ta ON ta.post_id = p.id AND ta.holder = 'A' LEFT JOIN turn tb ON tb.post_id = p.id AND tb.holder = 'B'
  WHERE {_POSTS}"""
_HELD = f"{_TURN}, {_SEATS})"
_LEADS = f"""{_HELD}, lead AS (SELECT DISTINCT ON (COALESCE(person, id)) * FROM held
  ORDER BY COALESCE(person, id), site, length(division) DESC, code COLLATE "C")
"""
_COUNTS = """
SELECT role, length(division), kind, count(*), array_agg(id) FILTER (WHERE person IS NULL) FROM lead GROUP BY 1, 2, 3
"""
_FIRST = """
SELECT id FROM lead WHERE site < 99 ORDER BY site, length(division) DESC, code COLLATE "C" LIMIT %(most)s
"""
# Everybody's posts together, and the place in the order of calls, which is that of the weightiest of them.
_PEOPLE = f"""{_HELD}, ranked AS (SELECT id, COALESCE(person, id) AS key,
  row_number() OVER (ORDER BY site, length(division) DESC, code COLLATE "C") AS r FROM held),
people AS (SELECT key, min(r) AS r, array_agg(id) AS posts FROM ranked GROUP BY key)
"""
_HOW_MANY = f"{_HELD} SELECT count(*) FROM (SELECT DISTINCT COALESCE(person, id) FROM held) people"
# The people of the first posts in the order of calls, in that order: of a hundred thousand posts only these are looked at.
_AHEAD = f"""{_TURN}, ahead AS MATERIALIZED (SELECT p.id FROM territory_post p LEFT JOIN territory_place pl ON pl.id = p.place_id
  WHERE {_POSTS} ORDER BY {_SITE}, length(p.division) DESC, p.code COLLATE "C" LIMIT %(near)s),
{_SEATS} AND p.id IN (SELECT id FROM ahead))
SELECT COALESCE(person, id) FROM held ORDER BY site, length(division) DESC, code COLLATE "C"
"""
_POSTS_OF = f"""{_TURN}, theirs AS MATERIALIZED (
  SELECT post_id AS id FROM territory_appointment WHERE person_id = ANY(%(keys)s::uuid[]) AND valid_to IS NULL
  UNION SELECT post_id FROM turn WHERE person_id = ANY(%(keys)s::uuid[]) UNION SELECT unnest(%(keys)s::uuid[])),
{_SEATS} AND p.id IN (SELECT id FROM theirs))
SELECT id FROM held WHERE COALESCE(person, id) = ANY(%(keys)s::uuid[])
"""
_BLOCKS = """
, turned AS (SELECT key, posts, (row_number() OVER (ORDER BY r) - 1) / %(size)s AS block FROM people
  WHERE NOT EXISTS (SELECT FROM unnest(%(without)s::uuid[]) AS w(key) WHERE w.key = people.key))
SELECT count(DISTINCT key), array_agg(post::text) FROM turned, unnest(posts) AS p(post) GROUP BY block ORDER BY block
"""
# From county to county along the index of divisions, past all other posts of each; ':' comes after every digit.
_NEXT = """
(SELECT left(p.division, 6) AS county FROM territory_post p
  WHERE p.division {after} AND p.division < top || ':' AND p.role = ANY(%(roles)s) ORDER BY p.division LIMIT 1)
"""
_COUNTIES = f"""
WITH RECURSIVE found AS (
  SELECT top, county FROM unnest(%(codes)s::text[]) AS area(top) CROSS JOIN LATERAL {_NEXT.format(after=">= top")} first
  UNION ALL SELECT top, further.county FROM found CROSS JOIN LATERAL {
    _NEXT.format(after="> found.county || CASE WHEN length(found.county) = 6 THEN ':' ELSE '' END")
} further)
SELECT DISTINCT county FROM found
"""


class LeadCount(NamedTuple):
    """So many people whose weightiest post has this role, length of division code and kind of place; `vacant`: the posts
    among them that nobody holds."""

    role: str
    length: int
    place_kind: str | None
    people: int
    vacant: tuple[UUID, ...]


def leads_counted(codes: Sequence[str], roles: Sequence[str], sites: Sequence[str], at: datetime) -> list[LeadCount]:
    """Count the holders of posts with these roles inside any of the divisions, each once, at `at`. `sites`: kinds of place
    in the order in which they go first. One query, whatever the number of people."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADS + _COUNTS, _words(codes, roles, sites, at))
        rows = cursor.fetchall()
    return [LeadCount(role, length, kind, people, tuple(vacant or ())) for role, length, kind, people, vacant in rows]


def site_leads(codes: Sequence[str], roles: Sequence[str], sites: Sequence[str], at: datetime, most: int) -> list[UUID]:
    """The first posts at special sites in the order in which they are called. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADS + _FIRST, {**_words(codes, roles, sites, at), "most": most})
        return [row[0] for row in cursor.fetchall()]


class Block(NamedTuple):
    """So many people, and the ids of all their posts."""

    people: int
    posts: list[str]


def gravest(
    codes: Sequence[str], roles: Sequence[str], sites: Sequence[str], at: datetime, most: int
) -> tuple[int, list[UUID]]:
    """How many people hold posts with these roles inside any of the divisions at `at`, and all such posts of the first
    `most` of them. Three queries, which hand over no more than those posts (more, where few hold very many of them)."""
    words, near = _words(codes, roles, sites, at), 2 * most
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, words)
        total = int(cursor.fetchone()[0])
        while True:
            cursor.execute(_AHEAD, {**words, "near": near})
            rows = cursor.fetchall()
            keys = list(dict.fromkeys(key for (key,) in rows))[:most]
            if len(keys) == most or len(rows) < near:
                break
            near *= 4
        cursor.execute(_POSTS_OF, {**words, "keys": keys})
        return total, [post for (post,) in cursor.fetchall()]


def blocks(
    codes: Sequence[str],
    roles: Sequence[str],
    sites: Sequence[str],
    at: datetime,
    *,
    without: Sequence[UUID],
    size: int,
) -> list[Block]:
    """The people that hold such posts, `size` to a block, in the order in which they are called. `without`: persons, and
    posts that nobody holds, left out. One query."""
    words = {**_words(codes, roles, sites, at), "without": list(without), "size": size}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE + _BLOCKS, words)
        return [Block(people, posts) for people, posts in cursor.fetchall()]


def counties_of(codes: Sequence[str], roles: Sequence[str]) -> list[str]:
    """The counties, and the divisions above counties, that posts with these roles inside any of the divisions belong to."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTIES, {"codes": list(codes), "roles": list(roles)})
        return [row[0] for row in cursor.fetchall()]


def _words(codes: Sequence[str], roles: Sequence[str], sites: Sequence[str], at: datetime) -> dict[str, Any]:
    return {"codes": list(codes), "roles": list(roles), "sites": list(sites), "at": at}
