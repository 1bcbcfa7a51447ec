"""Reads grading tables and the table of event classes: YAML text → frozen values, or a Problem that says what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise

from anlan.response.choices_rules import MARKS
from anlan.response.engine.event_types import EventTypes
from anlan.response.engine.grading import GRADES, GradeTable, Rung
from anlan.response.engine.grading_words import METRICS
from anlan.response.formats.packs import Fault, pack_of, pack_read, pack_text, wrong


def grade_table_read(text: str) -> GradeTable:
    """Return the table a YAML text holds. Raises Invalid with the field, its value and the remedy."""
    table = pack_of(text, GradeTable)
    for field, value, zh, en in grade_faults(table):
        raise wrong(field, value, zh, en)
    return table


@cache
def grade_tables() -> tuple[GradeTable, ...]:
    """Return the shipped grading tables, in order of code and version."""
    folder = files("anlan.response").joinpath("rules", "grades")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    tables = [grade_table_read(pack_text(f"grades/{name}")) for name in names]
    return tuple(sorted(tables, key=lambda table: (table.code, table.version)))


@cache
def event_types() -> EventTypes:
    """Return the shipped table of event classes."""
    found = pack_read("event_types.yaml", EventTypes)
    for field, value, zh, en in _type_faults(found):
        raise wrong(field, value, zh, en)
    return found


def grade_faults(table: GradeTable) -> Iterator[Fault]:
    """Yield what types can't say: grades in order, rows that meet without a gap, marks and metrics known."""
    order = [rung.code for rung in table.rows]
    known = [code for code in GRADES if code in order]
    if order != known:
        yield "rows", order, "应由重到轻，每级一行。", "go from the gravest grade down, one row each."
    if table.floor and table.floor not in GRADES:
        yield "floor", table.floor, "没有这个等级。", "there is no such grade."
    if table.valid_to is not None and table.valid_to <= table.valid_from:
        yield "valid_to", table.valid_to, "应晚于起效日。", "must be after the day it begins to hold."
    if table.mark not in MARKS:
        yield (
            "mark",
            table.mark,
            "应为 S（有出处）、G（待核）或 L（本级规定）。",
            "is S (sourced), G (to be confirmed) or L (own).",
        )
    for number, rung in enumerate(table.rows):
        yield from _rung_faults(f"rows[{number}]", rung)
    for number, (upper, lower) in enumerate(pairwise(table.rows), 1):
        yield from _gap_faults(f"rows[{number}]", upper, lower)


def _gap_faults(at: str, upper: Rung, lower: Rung) -> Iterator[Fault]:
    """Where two rows bound the same thing, the lower ends where the upper begins."""
    begins = {(one.metric, tuple(one.where.items())): one.at_least for one in upper.any_of if one.equals is None}
    for number, one in enumerate(lower.any_of):
        start = begins.get((one.metric, tuple(one.where.items())))
        if one.below is not None and start is not None and one.below != start:
            yield (
                f"{at}.any_of[{number}].below",
                one.below,
                f"上一级从{start:g}起，本级应到{start:g}为止，不留空档。",
                f"the row above begins at {start:g}: end this one there, so that no figure falls between.",
            )


def _rung_faults(at: str, rung: Rung) -> Iterator[Fault]:
    if not rung.any_of:
        yield f"{at}.any_of", (), "应至少有一个条件。", "needs at least one condition."
    for number, one in enumerate(rung.any_of):
        where = f"{at}.any_of[{number}]"
        if (one.equals is None) == (one.at_least is None and one.below is None):
            yield (
                where,
                one.metric,
                "应写下限、上限或某个取值之一类。",
                "needs bounds, or the word it equals, not both.",
            )
        if one.mark not in ("", "S", "G"):
            yield f"{where}.mark", one.mark, "应为 S（有出处）或 G（待核）。", "is S (sourced) or G (to be confirmed)."
        if one.metric not in METRICS:
            yield (
                f"{where}.metric",
                one.metric,
                f"没有这个指标；可用：{'、'.join(METRICS)}。",
                f"no such metric; one of {', '.join(METRICS)}.",
            )
        if one.at_least is not None and one.below is not None and one.below <= one.at_least:
            yield f"{where}.below", one.below, "应大于下限。", "must be above the lower bound."


def _type_faults(found: EventTypes) -> Iterator[Fault]:
    codes = [one.code for one in found.types]
    counted = {one.code for one in found.statistics}
    for code in codes:
        if codes.count(code) > 1:
            yield "types", code, "代码重复。", "this code stands twice."
    for one in found.types:
        if one.statistic and one.statistic not in counted:
            yield "types", one.code, "没有这个统计灾种。", "no such statistic type."
    for kind, code in found.kinds.items():
        if code and code not in codes:
            yield f"kinds.{kind}", code, "没有这个分类代码。", "no such class."
