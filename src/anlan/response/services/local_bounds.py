"""A bureau's own rules may be stricter than what binds its area from above, not looser: refused with the row that binds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from anlan.kernel.problem import Invalid
from anlan.response.engine.bounds_words import Refusal, looser_words, lower_words
from anlan.response.engine.grade_bounds import lower
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.report_bounds import looser
from anlan.response.engine.report_rules import Rule
from anlan.response.selectors.local_rules import clocks_above, tables_above


def clocks_bound(rules: Sequence[Rule], division: str, valid_from: date) -> None:
    """Raise Invalid where clocks leave less than what binds the division, on any day from their first on."""
    for day, table in clocks_above(division, valid_from).items():
        if found := looser(rules, table, division):
            raise _refused(looser_words(found), found.rule.code, day, valid_from)


def table_bound(own: GradeTable) -> None:
    """Raise Invalid where a table grades an event lower than one that binds its area, on any day from its first on."""
    for day, tables in tables_above(own.area, own.code, own.valid_from).items():
        if found := lower(own, tables, day):
            raise _refused(lower_words(found), found.table.code, day, own.valid_from)


def _refused(found: Refusal, binds: str, day: date, valid_from: date) -> Invalid:
    zh, en = (f"（{day}起）", f" (from {day} on)") if day > valid_from else ("", "")
    return Invalid(
        code="local_rule.looser", zh=f"{found.field}：{found.words.zh}{zh}。", en=f"{found.field}: {found.words.en}{en}.",
        field=found.field, value=found.value, binds=binds,
    )  # fmt: skip
