"""A bureau's own rules may be stricter than what binds its area from above, not looser: refused with the row that binds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from anlan.kernel.problem import Invalid
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.report_rules import Rule
from anlan.response.selectors.local_bounds import Less, clocks_less, table_less


def clocks_bound(rules: Sequence[Rule], division: str, valid_from: date) -> None:
    """Raise Invalid where clocks leave less than what binds the division, on any day from their first on."""
    _refuse(clocks_less(rules, division, valid_from))


def table_bound(own: GradeTable) -> None:
    """Raise Invalid where a table grades an event lower than one that binds its area, on any day from its first on."""
    _refuse(table_less(own, own.valid_from))


def _refuse(found: Less | None) -> None:
    if found is not None:
        raise Invalid(
            code="local_rule.looser", zh=f"{found.field}：{found.words.zh}。", en=f"{found.field}: {found.words.en}.",
            field=found.field, value=found.value, binds=found.binds,
        )  # fmt: skip
