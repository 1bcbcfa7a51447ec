"""Does an area's own grading table grade an event lower than a table that binds it from above (不得宽于上位规定)?

Bound by bound: what a binding bound brings to a grade, the own table must bring to that grade or a graver one, whatever
else is known of the event. Binding are bounds that were read in a source (S) and a wider area's own (L), no defaults (G).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from math import inf
from typing import NamedTuple

from anlan.response.engine.grading import RANK, Criterion, GradeTable, Inputs, table_for, window_days

BINDING = ("S", "L")
OTHER = "~"  # stands for all type codes that no table names further
Span = tuple[float, float]


class Lower(NamedTuple):
    """Where a table grades lower: the table and bound that bind (None: its floor or window), the grade it brings, the own
    bound that comes nearest with its field, and the sort of event."""

    table: GradeTable
    bound: Criterion | None
    grade: str
    given: Criterion | None
    field: str
    kind: str


def lower(own: GradeTable, others: Iterable[GradeTable], on: date) -> Lower | None:
    """Return the first thing in which an own table grades lower than what would hold without it on a day; None where it
    does not. `others`: all tables but the earlier versions of this one."""
    held = tuple(others)
    binding = [one for one in held if binds(one, own.area)]
    for kind in _kinds((own, *held)):
        asked = Inputs(kind, on, {}, own.area)
        upper = table_for(binding, asked)
        if upper is not None and table_for((*held, own), asked) is own and (found := _against(own, upper, kind)):
            return found
    return None


def binds(table: GradeTable, division: str) -> bool:
    """Does a table bind what a division lays down?"""
    wider = len(table.area) < len(division)
    return wider and (table.mark in BINDING or any(_binding(one, table) for rung in table.rows for one in rung.any_of))


def _binding(one: Criterion, table: GradeTable) -> bool:
    return (one.mark or table.mark) in BINDING


def _kinds(tables: Sequence[GradeTable]) -> Iterator[str]:
    """Yield a type code for each sort of event the tables tell apart, and the codes of the tables themselves."""
    named = {prefix for table in tables for prefix in table.types}
    named |= {prefix for table in tables if table.window for prefix in table.window.shorter}
    yield from (prefix + OTHER for prefix in sorted(named))
    yield from sorted({table.code for table in tables})


def _against(own: GradeTable, upper: GradeTable, kind: str) -> Lower | None:
    for rung in upper.rows:
        for one in rung.any_of:
            if _binding(one, upper) and not covered(one, rung.code, own, upper):
                field, given = _nearest(one, rung.code, own)
                return Lower(upper, one, rung.code, given, field, kind)
    if upper.mark not in BINDING:
        return None
    if RANK.get(own.floor, 0) < RANK.get(upper.floor, 0) or _under_the_floor(own, upper):
        return Lower(upper, None, upper.floor, None, "floor", kind)
    return Lower(upper, None, "", None, "window", kind) if _forgets(own, upper, kind) else None


def covered(one: Criterion, grade: str, own: GradeTable, upper: GradeTable) -> bool:
    """Does the own table bring whatever meets a bound of the upper one to the grade, or to a graver one?"""
    if RANK.get(own.floor, 0) >= RANK[grade] and all(RANK[rung.code] >= RANK[grade] for rung in own.rows):
        return True
    rungs = [rung for rung in own.rows if RANK[rung.code] >= RANK[grade]]
    bounds = [mine for rung in rungs for mine in rung.any_of if mine.where.items() <= one.where.items()]
    if one.equals is not None:
        return any((mine.metric, mine.equals) == (one.metric, one.equals) for mine in bounds)
    asked = _parts(one.metric, upper)
    spans: list[Span] = []
    for metric in dict.fromkeys(mine.metric for mine in bounds if mine.equals is None):
        reached = [_span(mine) for mine in bounds if mine.metric == metric and mine.equals is None]
        parts = _parts(metric, own)
        if parts == asked:
            spans += reached
        elif (
            parts > asked
        ):  # it counts more, so its figure is as large or larger: only what reaches upwards without end serves
            spans += _upwards(reached)
    return not _left(_span(one), spans)


def _parts(metric: str, table: GradeTable) -> frozenset[str]:
    return frozenset(table.counted.get(metric, (metric,)))


def _span(one: Criterion) -> Span:
    return (max(0.0, one.at_least or 0.0), inf if one.below is None else one.below)  # no figure is below nought


def _left(asked: Span, spans: Iterable[Span]) -> bool:
    """Is any of a span not reached by the others?"""
    low, high = asked
    for start, end in sorted(spans):
        if start <= low < end:
            low = end
    return low < high


def _upwards(spans: Sequence[Span]) -> list[Span]:
    """Return from where on spans reach without end and without a gap."""
    starts = [start for start, _end in spans if not _left((start, inf), spans)]
    return [(min(starts), inf)] if starts else []


def _nearest(one: Criterion, grade: str, own: GradeTable) -> tuple[str, Criterion | None]:
    """Return the own bound of that grade on the same measure with its field; else the field where it is missing."""
    for place, rung in enumerate(own.rows):
        if rung.code == grade:
            for number, mine in enumerate(rung.any_of):
                same = (mine.metric, mine.where, mine.equals is None) == (one.metric, one.where, one.equals is None)
                if same:
                    field = "at_least" if mine.equals is None else "equals"
                    return f"rows[{place}].any_of[{number}].{field}", mine
            return f"rows[{place}].any_of", None
    return "rows", None


def _under_the_floor(own: GradeTable, upper: GradeTable) -> bool:
    """Does an own row bring an event, of which the upper table knows no more than its floor, below it?"""
    least = RANK.get(upper.floor, 0)
    known = {_said(one, upper) for rung in upper.rows for one in rung.any_of if _binding(one, upper)}
    return any(_said(one, own) not in known for rung in own.rows if RANK[rung.code] < least for one in rung.any_of)


def _said(one: Criterion, table: GradeTable) -> tuple[object, ...]:
    return (_parts(one.metric, table), one.at_least, one.below, one.equals, tuple(sorted(one.where.items())))


def _forgets(own: GradeTable, upper: GradeTable, kind: str) -> bool:
    """Do casualties stop counting sooner by the own table?"""
    days = window_days(own, kind)
    if own.window is None or days is None:
        return False
    bound = {
        part for rung in upper.rows for one in rung.any_of if _binding(one, upper) for part in _parts(one.metric, upper)
    }
    for metric in own.window.metrics:
        limited = upper.window is not None and metric in upper.window.metrics
        asked = window_days(upper, kind) if limited else None
        if metric in bound and (asked is None or days < asked):
            return True
    return False
