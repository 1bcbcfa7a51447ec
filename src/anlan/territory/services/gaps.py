"""The daily look at the net of duty: what is missing is opened as a gap, what has been mended is closed. One statement
over all posts and people, so that a quarter of a million posts are looked at in seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.territory.models import Gap
from anlan.territory.services.reaching import today
from anlan.territory.sources.care_rules import pack

# What every gap is told from another by; the same words for what is wanted and for what is open.
_KEY = (
    "concat_ws('|', kind, coalesce(post_id::text, ''), coalesce(person_id::text, ''), division,"
    " coalesce(detail ->> 'role', ''), coalesce(detail ->> 'place', ''))"
)

# One part for each kind of gap: kind, division, post, person, detail.
_WANTED = """
SELECT 'no_a' AS kind, p.division, p.id AS post_id, NULL::uuid AS person_id, '{}'::jsonb AS detail
FROM territory_post p LEFT JOIN held a ON a.post_id = p.id AND a.holder = 'A' WHERE a.post_id IS NULL
UNION ALL
SELECT 'no_b', p.division, p.id, NULL, '{}'
FROM territory_post p JOIN second s ON s.role = p.role
LEFT JOIN held b ON b.post_id = p.id AND b.holder = 'B'
WHERE b.post_id IS NULL AND (NOT s.risky OR EXISTS (SELECT 1 FROM risky r WHERE r.division = p.division))
UNION ALL
SELECT 'holder_left', p.division, p.id, a.person_id, jsonb_build_object('holder', a.holder)
FROM held a JOIN territory_person n ON n.id = a.person_id AND n.state <> 'active'
JOIN territory_post p ON p.id = a.post_id
UNION ALL
SELECT CASE WHEN phone = '' THEN 'phone_missing' ELSE 'phone_bad' END, division, NULL, id, '{}'
FROM serving WHERE phone !~ %(phone)s
UNION ALL
SELECT 'contact_stale', division, NULL, id, jsonb_build_object('checked', checked)
FROM serving WHERE checked < %(day)s::date - %(days)s::int
UNION ALL
SELECT 'contact_unconfirmed', n.division, NULL, n.id, jsonb_build_object('year', max(r.year))
FROM serving n JOIN territory_contactround r ON n.division ^@ r.division AND r.closed_at IS NOT NULL
WHERE coalesce(n.contact_checked_on, '-infinity') < (r.opened_at AT TIME ZONE %(zone)s)::date
GROUP BY n.division, n.id
UNION ALL
SELECT 'no_post', d.code, NULL, NULL, jsonb_build_object('role', w.role)
FROM territory_division d JOIN must_division w ON w.level = d.level
LEFT JOIN (SELECT DISTINCT division, role FROM territory_post) p ON p.division = d.code AND p.role = w.role
WHERE p.role IS NULL AND d.valid_to IS NULL
  AND left(d.code, least(length(d.code), 6)) IN (SELECT code FROM served)
UNION ALL
SELECT 'no_post', l.division, NULL, NULL, jsonb_build_object('role', w.role, 'place', l.code)
FROM territory_place l JOIN must_place w ON w.kind = l.kind
LEFT JOIN (SELECT DISTINCT place_id, role FROM territory_post) p ON p.place_id = l.id AND p.role = w.role
WHERE p.role IS NULL AND l.state = 'active'
"""
_LOOK = f"""
WITH held AS MATERIALIZED (
  SELECT post_id, person_id, holder, valid_from FROM territory_appointment WHERE valid_to IS NULL),
second AS (SELECT * FROM json_to_recordset(%(second)s::json) AS x(role text, risky bool)),
must_division AS (SELECT * FROM json_to_recordset(%(divisions)s::json) AS x(level int, role text)),
must_place AS (SELECT * FROM json_to_recordset(%(places)s::json) AS x(kind text, role text)),
risky AS (SELECT division FROM territory_place WHERE kind = ANY(%(risky)s) AND state = 'active'
  UNION SELECT division FROM territory_downstream),
served AS (SELECT DISTINCT left(division, n) AS code FROM territory_post, unnest(ARRAY[2, 4, 6]) n
  WHERE length(division) >= n),
serving AS MATERIALIZED (
  SELECT n.id, n.division, n.phone, n.contact_checked_on, coalesce(n.contact_checked_on, h.since) AS checked
  FROM territory_person n JOIN (SELECT person_id, max(valid_from) AS since FROM held GROUP BY person_id) h
    ON h.person_id = n.id WHERE n.state = 'active'),
wanted AS MATERIALIZED (SELECT w.*, {_KEY} AS key FROM ({_WANTED}) w),
standing AS MATERIALIZED (SELECT id, kind, {_KEY} AS key FROM territory_gap WHERE closed_at IS NULL),
missing AS (SELECT w.* FROM wanted w LEFT JOIN standing s ON s.key = w.key WHERE s.key IS NULL),
fresh AS MATERIALIZED (SELECT * FROM missing ORDER BY key COLLATE "C" LIMIT %(most)s),
gone AS MATERIALIZED (
  SELECT s.id, s.kind, s.key FROM standing s LEFT JOIN wanted w ON w.key = s.key WHERE w.key IS NULL),
opened AS (
  INSERT INTO territory_gap (id, kind, division, post_id, person_id, detail, opened_at)
  SELECT md5(key || '|' || %(at)s)::uuid, kind, division, post_id, person_id, detail, %(at)s::timestamptz FROM fresh
  ORDER BY key COLLATE "C"),
closed AS (UPDATE territory_gap g SET closed_at = %(at)s::timestamptz FROM gone WHERE g.id = gone.id)
SELECT (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM fresh GROUP BY kind) x),
  (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM gone GROUP BY kind) x),
  (SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM
    (SELECT kind FROM standing EXCEPT ALL SELECT kind FROM gone UNION ALL SELECT kind FROM fresh) y GROUP BY kind) x),
  (SELECT count(*) FROM missing) - (SELECT count(*) FROM fresh),
  encode(sha256(convert_to(coalesce((SELECT string_agg('+' || key, E'\\n' ORDER BY key COLLATE "C") FROM fresh), '') ||
    E'\\n' || coalesce((SELECT string_agg('-' || key, E'\\n' ORDER BY key COLLATE "C") FROM gone), ''), 'UTF8')), 'hex')
"""


@dataclass(frozen=True)
class Gaps:
    """What one look found: gaps by kind, opened, closed and open now; how many were left for the next look."""

    opened: dict[str, int]
    closed: dict[str, int]
    open: dict[str, int]
    left: int
    sha256: str


@transaction.atomic
def gaps_look(at: datetime | None = None) -> Gaps:
    """Open and close gaps as the tables stand at `at`. Part of the daily look, which tells of it in the journal."""
    moment = at or clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, _words(moment))
        opened, closed, now, left, sha = cursor.fetchone()
    return Gaps(_sorted(opened), _sorted(closed), _sorted(now), left, sha)


def gaps_mend(*, post: UUID, kinds: Sequence[str], at: datetime | None = None) -> int:
    """Close a post's gaps of some kinds at once, when a service has just mended them; returns how many."""
    rows = Gap.objects.filter(post_id=post, kind__in=list(kinds), closed_at__isnull=True)
    return rows.update(closed_at=at or clock.now())


def _words(moment: datetime) -> dict[str, Any]:
    rules = pack("duty_cover")
    second = [{"role": r, "risky": bool(g.get("risky"))} for g in rules["second"] for r in g["roles"]]
    divisions = [{"level": g["level"], "role": role} for g in rules["divisions"] for role in g["roles"]]
    places = [{"kind": g["kind"], "role": role} for g in rules["places"] for role in g["roles"]]
    return {
        "second": json.dumps(second),
        "divisions": json.dumps(divisions),
        "places": json.dumps(places),
        "risky": rules["risky_kinds"],
        "phone": rules["phone_form"],
        "days": rules["contact_days"],
        "most": rules["most_new"],
        "day": today(moment),
        "zone": str(options.time_zone),
        "at": moment.isoformat(),
    }


def _sorted(counts: dict[str, int] | None) -> dict[str, int]:
    return dict(sorted((counts or {}).items()))
