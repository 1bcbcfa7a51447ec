"""Reads the table of report clocks and the list of indicators: as shipped."""

from __future__ import annotations

from functools import cache

from anlan.response.engine.indicators import Indicators
from anlan.response.engine.report_rules import Table
from anlan.response.engine.report_rules_check import gaps
from anlan.response.formats.packs import pack_of, pack_read, pack_text, wrong


@cache
def report_rules() -> Table:
    """Return the table in use."""
    return report_rules_read(pack_text("report_rules.yaml"))


def report_rules_read(text: str) -> Table:
    """Return the table a YAML text holds. Raises Invalid with the row and what is wrong with it."""
    table = pack_of(text, Table)
    for code, problem in gaps(table.rules):
        raise wrong(f"rules.{code}", problem, f"这一行不合要求（{problem}），请改正。", f"{problem}; mend this row.")
    return table


@cache
def indicators() -> Indicators:
    """Return the shipped indicators."""
    return pack_read("indicators.yaml", Indicators)
