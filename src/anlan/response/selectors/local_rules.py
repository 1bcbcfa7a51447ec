"""Which grading tables and report clocks hold: the shipped ones, and those that bureaus have approved for their areas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices_rules import TOPICS
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.report_rules import Rule, Table, replaced
from anlan.response.formats.grades import grade_tables
from anlan.response.formats.local_rules import Stamp, own_clocks, own_table, version_name
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import LocalRule

HOLDS = "in_force"
HELD = (HOLDS, "withdrawn")  # taken back: it held up to its last day, and an event of those days keeps it
_known: dict[tuple[UUID, date | None], Any] = {}  # what is approved never changes but for its last day


def tables_held() -> tuple[GradeTable, ...]:
    """Return every grading table there is or was, shipped and own; the day and place of an event choose among them. One
    query."""
    return (*grade_tables(), *(table_read(row) for row in _rows("grade") if row.valid_to != row.valid_from))


def clocks_on(day: date) -> Table:
    """Return the report clocks that hold for what became known on a day: a bureau's own rows of a topic stand in the place
    of the shipped ones of its area. One query."""
    held = [row for row in _rows("clock") if _holds(row, day)]
    return replaced(report_rules(), [rule for row in held for rule in clocks_read(row)])


def clocks_now() -> Table:
    """Return the report clocks that hold today."""
    return clocks_on(clock.today())


class Clocks:
    """Looks up the rule a duty was made by, whichever version that was. One query for all."""

    def __init__(self) -> None:
        self._own = {(rule.code, rule.version): rule for row in _rows("clock") for rule in clocks_read(row)}

    def rule(self, code: str, version: str) -> Rule | None:
        """Return the row of that code in that version; the shipped one where no bureau made it."""
        return self._own.get((code, version)) or report_rules().rule(code)


def _rows(kind: str) -> Iterable[LocalRule]:
    return LocalRule.objects.filter(kind=kind, state__in=HELD).order_by("division", "code", "number")


def stamp_of(row: LocalRule) -> Stamp:
    """Return what the register says of a version."""
    return Stamp(row.division, version_name(row.division, row.number), row.valid_from, row.valid_to)


def table_read(row: LocalRule) -> GradeTable:
    """Return the table an approved version says."""
    found: GradeTable | None = _known.get((row.pk, row.valid_to))
    if found is None:
        found = _known[row.pk, row.valid_to] = own_table(row.body, stamp_of(row))
    return found


def clocks_read(row: LocalRule) -> tuple[Rule, ...]:
    """Return the clocks an approved version says."""
    found: tuple[Rule, ...] | None = _known.get((row.pk, row.valid_to))
    if found is None:
        found = _known[row.pk, row.valid_to] = own_clocks(row.body, row.code, stamp_of(row))
    return found


def clocks_above(division: str, days_from: date) -> dict[date, Table]:
    """Return the clocks that a division's own stand under from a day on: the shipped and those of wider areas, by the day
    from which each table holds. One query."""
    rows = [
        row for row in _rows("clock")
        if division.startswith(row.division) and row.division != division and not _ended(row, days_from)
    ]  # fmt: skip
    return {
        day: replaced(report_rules(), [rule for row in rows if _holds(row, day) for rule in clocks_read(row)])
        for day in _days(rows, days_from)
    }


def tables_above(division: str, code: str, days_from: date) -> dict[date, tuple[GradeTable, ...]]:
    """Return the grading tables that stand beside and above a division's own of that code from a day on, by the day from
    which they hold. One query."""
    rows = [
        row for row in _rows("grade")
        if division.startswith(row.division) and (row.division, row.code) != (division, code) and not _ended(row, days_from)
    ]  # fmt: skip
    tables = (*grade_tables(), *(table_read(row) for row in rows))
    return dict.fromkeys(_days(tables, days_from), tables)


def _ended(row: LocalRule, day: date) -> bool:
    return row.valid_to is not None and row.valid_to <= max(day, row.valid_from)


def _holds(row: LocalRule, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def _days(dated: Iterable[LocalRule | GradeTable], first: date) -> list[date]:
    """Return the days from `first` on at which something begins or ceases to hold."""
    turns = {day for one in dated for day in (one.valid_from, one.valid_to) if day is not None and day > first}
    return sorted({first, *turns})


def rule_seen(scope: Scope, key: UUID) -> LocalRule:
    """Return one version in scope. Raises NotFound."""
    row = LocalRule.objects.filter(pk=key).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="local_rule.not_found", zh="没有这个版本，或不在您的范围内。",
                       en="There is no such version, or it is not in your scope.", field="rule", value=key)  # fmt: skip
    return row


def rules_listed(scope: Scope) -> list[LocalRule]:
    """Return all versions that concern a scope (of areas above it too), those that wait first, then the newest."""
    rows = [
        row for row in LocalRule.objects.order_by("kind", "code", "division", "-number") if scope.sees(row.division)
    ]
    return sorted(rows, key=lambda row: (row.state != "draft", -row.made_at.timestamp()))


def tables_here(division: str) -> list[GradeTable]:
    """Return the grading tables that hold in a division today, one a code: its own or the nearest area's. One query."""
    today = clock.today()
    held: dict[str, GradeTable] = {}
    for table in tables_held():
        current = table.valid_from <= today and (table.valid_to is None or today < table.valid_to)
        if current and division.startswith(table.area) and _nearer(table, held.get(table.code)):
            held[table.code] = table
    return list(held.values())


def _nearer(table: GradeTable, than: GradeTable | None) -> bool:
    return than is None or (len(table.area), table.valid_from) >= (len(than.area), than.valid_from)


def topics_here(division: str) -> dict[str, tuple[Rule, ...]]:
    """Return the clocks that hold in a division today, by topic in the order people read them."""
    rules = clocks_now().rules
    found: dict[str, tuple[Rule, ...]] = {}
    for topic in TOPICS:
        near = [rule for rule in rules if rule.topic == topic and division.startswith(rule.area)]
        longest = max((len(rule.area) for rule in near), default=0)
        found[topic] = tuple(rule for rule in near if len(rule.area) == longest)
    return found
