"""Checking a register (数据质量检查): its columns are read once, checked as columns, and the findings brought in step."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from pyarrow import csv
from shapely.geometry import shape

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.engine.border import Border
from anlan.territory.engine.checks import Found, Known, check
from anlan.territory.events_quality import QualityChecked
from anlan.territory.models import Boundary, Division
from anlan.territory.services.reaching import today
from anlan.territory.services.register_reading import columns_read
from anlan.territory.sources.care_rules import pack
from anlan.territory.sources.industries import industries

ACT = "quality.mend"
_COLUMNS = {
    "units": (
        "t.id::text AS id, t.division, t.phone, t.lon, t.lat, t.uscc, t.industry, t.regulator_id IS NOT NULL AS regulator,"
        " EXISTS (SELECT 1 FROM territory_licence l WHERE l.unit_id = t.id AND l.state = 'expired' AND NOT EXISTS"
        " (SELECT 1 FROM territory_licence n WHERE n.unit_id = t.id AND n.kind = l.kind AND n.state = 'valid')) AS expired",
        "territory_unit t WHERE t.merged_into IS NULL AND t.status <> 'closed'",
    ),
    "places": (
        "t.id::text AS id, t.division, t.lon, t.lat, t.organisation_id IS NOT NULL AS organisation",
        "territory_place t WHERE t.state = 'active'",
    ),
    "persons": (
        "t.id::text AS id, t.division, t.phone, EXISTS (SELECT 1 FROM territory_certificate c WHERE c.person_id = t.id"
        " AND c.expires_on < %(day)s AND NOT EXISTS (SELECT 1 FROM territory_certificate n WHERE n.person_id = t.id"
        " AND n.kind = c.kind AND (n.expires_on IS NULL OR n.expires_on >= %(day)s))) AS uncertified",
        "territory_person t WHERE t.state = 'active'",
    ),
}
_STEP = """
CREATE TEMPORARY TABLE finding_now (id uuid, division varchar(12), check_code varchar(32), detail jsonb) ON COMMIT DROP
"""
_CLEAR = """
WITH gone AS (UPDATE territory_finding f SET cleared_at = %(at)s WHERE f.register = %(register)s
  AND f.cleared_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM finding_now n WHERE n.id = f.row AND n.check_code = f.check_code) RETURNING 1)
SELECT count(*) FROM gone
"""
_OPEN = """
WITH fresh AS (INSERT INTO territory_finding (register, row, division, check_code, detail, found_at)
  SELECT %(register)s, n.id, n.division, n.check_code, n.detail, %(at)s FROM finding_now n
  ON CONFLICT (register, row, check_code) WHERE cleared_at IS NULL DO NOTHING RETURNING 1)
SELECT count(*) FROM fresh
"""
_FOLLOW = """
UPDATE territory_finding f SET division = n.division, detail = n.detail FROM finding_now n
WHERE f.register = %(register)s AND f.row = n.id AND f.check_code = n.check_code AND f.cleared_at IS NULL
  AND (f.division, f.detail) IS DISTINCT FROM (n.division, n.detail)
"""


@transaction.atomic
def quality_check(*, by: Actor, register: str, at: datetime | None = None) -> QualityChecked:
    """Check all rows of "units", "places" or "persons"; findings are opened and, where mended, cleared.

    The whole register is checked, so it is a job of the platform, or of somebody with the act over everything.
    """
    by.must(ACT, "")
    moment = at or clock.now()
    select, source = _COLUMNS[register]
    table = columns_read(select, source, day=today(moment))
    wanted = pack("checks")["registers"][register]
    found = check(table, known())
    rows = {name: found.rows[name] for name in wanted if name in found.rows}
    opened, cleared, sha = _bring_in_step(register, table, found, rows, moment)
    counts = {name: len(at_rows) for name, at_rows in sorted(rows.items()) if len(at_rows)}
    event = QualityChecked(
        register=register, rows=table.num_rows, found=counts, opened=opened, cleared=cleared, sha256=sha
    )
    record(event, by=by, about=f"register:{register}", division="", at=at)
    return event


def known() -> Known:
    """Return what rows are checked against, as the tables and rules stand."""
    rules = pack("checks")
    divisions: set[str] = set()
    abolished: dict[str, str] = {}
    stands_in: dict[str, str] = {}
    rows = Division.objects.values_list("code", "valid_to", "successor_id", "level", "legal_parent_id")
    for code, valid_to, successor, level, legal in rows.iterator(chunk_size=20000):
        if valid_to is not None:
            abolished[code] = successor or ""
        else:
            divisions.add(code)
        if level == 3 and legal and len(legal) == 6:
            stands_in[code] = legal
    outlines = {
        code: shape(geometry)
        for code, geometry in Boundary.objects.filter(division__level__in=(2, 3)).values_list("division_id", "geojson")
    }
    tree = industries()
    return Known(
        frozenset(divisions),
        abolished,
        Border(outlines, stands_in, rules["border_m"]),
        lambda code: tree.parse(code).value == code,
        rules["shared_phone"],
    )


def _bring_in_step(
    register: str, table: pa.Table, found: Found, rows: dict[str, Any], at: datetime
) -> tuple[int, int, str]:
    """Write the findings as they are now; return how many were opened and cleared, and the hash over all of them."""
    words: dict[str, Any] = {"register": register, "at": at}
    sha = hashlib.sha256()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"anlan.quality.{register}"])
        cursor.execute("DROP TABLE IF EXISTS finding_now")
        cursor.execute(_STEP)
        with cursor.copy("COPY finding_now FROM STDIN (FORMAT csv)") as copy:
            for name, at_rows in sorted(rows.items()):
                block = _block(table, name, at_rows, found.detail)
                sha.update(block)
                copy.write(block)
        cursor.execute("CREATE INDEX ON finding_now (id, check_code)")
        cursor.execute("ANALYZE finding_now")
        cursor.execute(_CLEAR, words)
        cleared = cursor.fetchone()[0]
        cursor.execute(_FOLLOW, words)
        cursor.execute(_OPEN, words)
        opened = cursor.fetchone()[0]
        cursor.execute("DROP TABLE finding_now")
    return opened, cleared, sha.hexdigest()


def _block(table: pa.Table, name: str, rows: Any, detail: dict[tuple[str, int], dict[str, Any]]) -> bytes:
    """Return the findings of one check as CSV, in order of the rows' ids."""
    ids = table["id"].take(pa.array(rows, pa.int64()))
    order = pc.sort_indices(ids).to_numpy()
    rows = np.asarray(rows)[order]
    texts = ["{}"] * len(rows)
    if detail:
        texts = [
            json.dumps(detail[key], sort_keys=True) if (key := (name, int(row))) in detail else "{}" for row in rows
        ]
    block = pa.table(
        {
            "id": ids.take(pa.array(order)),
            "division": table["division"].take(pa.array(rows, pa.int64())),
            "check": pa.array([name] * len(rows), pa.string()),
            "detail": pa.array(texts, pa.string()),
        }
    )
    out = io.BytesIO()
    csv.write_csv(block, out, csv.WriteOptions(include_header=False))
    return out.getvalue()
