"""Lead regulators of units that come in: decided by the rules as the rows are inserted, not in a second pass over all."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from anlan.territory.engine.regulator import NONE, Rule, assign
from anlan.territory.services.regulators import rules

_TABLES = """
CREATE TEMP TABLE import_rule ON COMMIT DROP AS SELECT * FROM json_to_recordset(%s::json)
  AS x(industry text, flags int, size text, rule text, department text, city bool);
CREATE TEMP TABLE import_office ON COMMIT DROP AS
  SELECT DISTINCT ON (division, key) id, division, split_part(code, '.department.', 2) AS key
  FROM territory_organisation WHERE kind = 'department' AND code LIKE '%%.department.%%'
  ORDER BY division, split_part(code, '.department.', 2), code;
"""
# As in services.regulators: where a functional zone (county part 71 to 79) has no such department, the prefecture's leads.
JOINS = (
    " LEFT JOIN import_rule c ON c.industry = coalesce(s.industry, '') AND c.flags = coalesce(s.flags, 0)"
    " AND c.size = coalesce(s.size, '')"
    " LEFT JOIN import_office o ON o.key = c.department AND o.division = left(s.division, 6)"
    " LEFT JOIN import_office p ON p.key = c.department AND p.division = left(s.division, 4)"
)
COLUMNS = {
    "regulator_id": "coalesce(s.regulator_id, CASE WHEN c.city THEN coalesce(p.id, o.id)"
    " WHEN substr(s.division, 5, 2) BETWEEN '71' AND '79' THEN coalesce(o.id, p.id) ELSE o.id END)",
    "regulator_rule": "CASE WHEN s.regulator_id IS NOT NULL THEN '' ELSE coalesce(c.rule, '') END",
}


def prepare(stage: str, given: set[str]) -> None:
    """Lay down, for this transaction, which rule decides on each combination of industry, flags and size staged."""
    parts = [f"coalesce({name}, {none})" if name in given else none for name, none in _NOTHING]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {', '.join(parts)} FROM {stage}")
        cursor.execute(_TABLES, [json.dumps(_decided(cursor.fetchall()))])
        cursor.execute("ANALYZE import_rule; ANALYZE import_office")


_NOTHING = (("industry", "''"), ("flags", "0"), ("size", "''"))


def _words(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"rule": NONE, "department": "", "city": False}
    return {"rule": rule.code, "department": rule.department, "city": rule.city}


def _decided(combinations: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    if not combinations:
        return []
    industry, flags, size = zip(*combinations, strict=True)
    entries: list[dict[str, Any]] = []
    for combination, place in zip(combinations, assign(rules(), industry, flags, size).tolist(), strict=True):
        rule = rules()[place] if place >= 0 else None
        named = dict(zip(("industry", "flags", "size"), combination, strict=True))
        entries.append({**named, **_words(rule)})
    return entries
