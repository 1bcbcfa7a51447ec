"""Lead regulators (三管三必须): assigned by rule to all units at once, or set by a person, whose word the rules respect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.choices import RISK_FLAGS
from anlan.territory.engine.regulator import MANUAL, NONE, Rule, assign, rules_of
from anlan.territory.events_care import RegulatorsAssigned, RegulatorSet
from anlan.territory.models import Kept, Organisation, Unit, current_act
from anlan.territory.services.reaching import locked, reason_given
from anlan.territory.sources.care_rules import pack

ACT = "regulator.assign"
# Units a rule may decide on: in reach, not set by a person, not brought by a file with its regulator.
_MINE = (
    "u.division ^@ ANY(%(reach)s) AND u.merged_into IS NULL AND u.regulator_rule <> 'manual'"
    " AND NOT (u.regulator_id IS NOT NULL AND u.regulator_rule = '') AND (%(ids)s::uuid[] IS NULL OR u.id = ANY(%(ids)s))"
)
_COMBINATIONS = f"SELECT DISTINCT u.industry, u.flags, u.size, left(u.division, 6) FROM territory_unit u WHERE {_MINE}"
_OFFICES = """
SELECT DISTINCT ON (division, split_part(code, '.department.', 2)) division, split_part(code, '.department.', 2), id
FROM territory_organisation WHERE kind = 'department' AND code LIKE '%.department.%'
ORDER BY division, split_part(code, '.department.', 2), code
"""
# What is decided lies in a table of its own, so that the planner knows its size and joins by hash.
_TABLE = """
CREATE TEMPORARY TABLE regulator_now (industry text COLLATE "C", flags int, size text, county text, rule text,
  organisation uuid) ON COMMIT DROP
"""
_ASSIGN = f"""
WITH target AS MATERIALIZED (
  SELECT u.id, u.key, u.division, u.regulator_id, u.regulator_rule, c.rule, c.organisation
  FROM territory_unit u JOIN regulator_now c ON c.industry = u.industry AND c.flags = u.flags AND c.size = u.size
    AND c.county = left(u.division, 6)
  WHERE {_MINE}),
changed AS MATERIALIZED (
  SELECT * FROM target WHERE rule <> regulator_rule OR organisation IS DISTINCT FROM regulator_id),
kept AS (
  INSERT INTO territory_kept (register, row, division, at, by, before, undone)
  SELECT 'units', id, division, %(at)s::timestamptz, %(by)s::jsonb,
    jsonb_build_object('regulator_id', regulator_id, 'regulator_rule', regulator_rule), false FROM changed),
written AS (
  UPDATE territory_unit u SET regulator_id = c.organisation, regulator_rule = c.rule, updated_at = %(at)s::timestamptz,
    act = pg_current_xact_id()::text::bigint FROM changed c WHERE u.id = c.id)
SELECT (SELECT count(*) FROM target),
  (SELECT json_object_agg(rule, n) FROM (
    SELECT rule, count(*) AS n FROM target WHERE organisation IS NOT NULL GROUP BY rule) x),
  (SELECT json_object_agg(why, n) FROM (
    SELECT CASE WHEN rule = 'none' THEN 'no_rule' ELSE 'no_department' END AS why, count(*) AS n
    FROM target WHERE organisation IS NULL GROUP BY 1) y),
  (SELECT count(*) FROM changed),
  (SELECT encode(sha256(convert_to(coalesce(string_agg(key || '|' || rule || '|' || coalesce(organisation::text, ''),
    E'\\n' ORDER BY key), ''), 'UTF8')), 'hex') FROM changed)
"""


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in force."""
    return rules_of(pack("regulators")["rules"], {code: place for place, code in enumerate(RISK_FLAGS)})


@transaction.atomic
def regulators_assign(
    *, by: Actor, units: Sequence[UUID] | None = None, at: datetime | None = None
) -> RegulatorsAssigned:
    """Give every unit in the actor's reach (or of `units`) its lead regulator by rule; return what was told.

    Units set by hand, and those whose file named a regulator, are left alone. What was replaced is kept. A second run
    changes nothing. 667,000 units in one statement.
    """
    for prefix in by.scope.prefixes:
        by.must(ACT, prefix)
    words: dict[str, Any] = {"reach": list(by.scope.prefixes), "ids": None if units is None else list(units)}
    with connection.cursor() as cursor:
        _decide(cursor, words)
        cursor.execute(_ASSIGN, words | {"by": json.dumps(by.as_json()), "at": (at or clock.now()).isoformat()})
        count, found, missing, changed, sha = cursor.fetchone()
        cursor.execute("DROP TABLE regulator_now")
    event = RegulatorsAssigned(
        rules_version=pack("regulators")["version"],
        units=count,
        changed=changed,
        rules=dict(sorted((found or {}).items())),
        unassigned=dict(sorted((missing or {}).items())),
        sha256=sha,
    )
    if changed or units is None:
        record(event, by=by, about="register:units", division=by.scope.prefixes[0] if by.scope.prefixes else "", at=at)
    return event


@transaction.atomic
def regulator_set(*, by: Actor, unit: UUID, organisation: UUID | None, reason: str, at: datetime | None = None) -> Unit:
    """Set a unit's lead regulator by hand, with a reason; None gives the unit back to the rules, which decide at once."""
    row = locked(by, Unit, unit)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if organisation is not None:
        office = by.scope.filter_chain(Organisation.objects.filter(pk=organisation)).first()
        if office is None:
            locked(by, Organisation, organisation)  # says what is wrong
    moment = at or clock.now()
    before = {"regulator_id": str(row.regulator_id) if row.regulator_id else None, "regulator_rule": row.regulator_rule}
    Kept.objects.create(register="units", row=row.pk, division=row.division, at=moment, by=by.as_json(), before=before)
    Unit.objects.filter(pk=row.pk).update(
        regulator=organisation,
        regulator_rule=MANUAL if organisation is not None else NONE,
        updated_at=moment,
        act=current_act(),
    )
    event = RegulatorSet(unit=row.pk, organisation=organisation, reason=why)
    record(event, by=by, about=f"unit:{row.pk}", division=row.division, at=at)
    if organisation is None:
        regulators_assign(by=by, units=[row.pk], at=at)
    row.refresh_from_db()
    return row


def _decide(cursor: Any, words: dict[str, Any]) -> None:
    """Lay down, for each combination of industry, flags, size and county there is, which rule and whose office decides."""
    cursor.execute(_COMBINATIONS, words)
    combinations = cursor.fetchall()
    cursor.execute(_OFFICES)
    offices = {(division, key): pk for division, key, pk in cursor.fetchall()}
    cursor.execute(_TABLE)
    with cursor.copy("COPY regulator_now FROM STDIN") as copy:
        for row in _chosen(combinations, offices):
            copy.write_row(row)
    cursor.execute("ANALYZE regulator_now")


def _chosen(
    combinations: Sequence[tuple[str, int, str, str]], offices: Mapping[tuple[str, str], UUID]
) -> Iterator[tuple[str, int, str, str, str, UUID | None]]:
    """Yield each combination with the rule that decides and the office that leads, None where there is none."""
    if not combinations:
        return
    industry, flags, size, _counties = zip(*combinations, strict=True)
    for combination, place in zip(combinations, assign(rules(), industry, flags, size).tolist(), strict=True):
        rule = rules()[place] if place >= 0 else None
        yield (*combination, rule.code if rule else NONE, _office(rule, combination[3], offices) if rule else None)


def _office(rule: Rule, county: str, offices: Mapping[tuple[str, str], UUID]) -> UUID | None:
    """Return the department that leads: the county's, or the prefecture's where the rule says so. A functional zone
    (county part 71 to 79) without such a department falls back on the prefecture's."""
    own, above = offices.get((county, rule.department)), offices.get((county[:4], rule.department))
    if rule.city:
        return above or own
    return own or (above if "71" <= county[4:6] <= "79" else None)
