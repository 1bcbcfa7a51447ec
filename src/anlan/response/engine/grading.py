"""Event grades from versioned tables (事件分级): any criterion suffices, the gravest row met decides, “以上” is inclusive.

A table holds its rows gravest first; a row is met when any of its criteria is. Which table holds is told by the kind of
event, the place and the day it happened, so an old case keeps the text it falls under. Sources stand in the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from anlan.response.engine.plan import Words

GRADES = ("especially_serious", "serious", "relatively_serious", "ordinary")
RANK = {grade: len(GRADES) - place for place, grade in enumerate(GRADES)}

Value = float | str
Values = Mapping[str, Value]


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition: `metric` at or over `at_least` (以上, inclusive) and under `below` (以下, exclusive), or the word
    `equals`. `where`: what else must be so (population density). `first_guess`: it judges before losses are known (初判).
    `mark`: S sourced, G general knowledge to be confirmed; "" as the table's."""

    metric: str
    at_least: float | None = None
    below: float | None = None
    equals: str | None = None
    where: dict[str, str] = {}
    first_guess: bool = False
    mark: str = ""


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of a ladder: its code, and the conditions of which any suffices."""

    code: str
    any_of: tuple[Criterion, ...]


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days after the event changed casualties change the grade; `shorter` for type codes that begin so."""

    days: int
    metrics: tuple[str, ...]
    citation: Words
    shorter: dict[str, int] = {}


class GradeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grading table (分级标准) with its source and the days it holds (`valid_to` excluded; None: still).

    `types`: beginnings of event type codes; `area`: division prefix, "" the whole country; `counted`: metrics that are
    sums of others (dead including missing); `floor`: the least grade an event of the kind has; `grade_names`: where the
    text uses other names; `handled_by`: who investigates or leads at each grade.
    """

    code: str
    version: str
    name: Words
    doc_no: str
    issuer: Words
    citation: Words
    mark: str
    valid_from: date
    types: tuple[str, ...]
    rows: tuple[Rung, ...]
    valid_to: date | None = None
    area: str = ""
    counted: dict[str, tuple[str, ...]] = {}
    floor: str = ""
    window: Window | None = None
    grade_names: dict[str, Words] = {}
    handled_by: dict[str, Words] = {}
    note: Words | None = None


class Inputs(NamedTuple):
    """What is graded: `kind` a table's code or an event type code; the day it happened; where; figures by metric."""

    kind: str
    on: date
    values: Values
    area: str = ""


class Met(NamedTuple):
    """The row that decides and the criteria of it that are met, in the table's order."""

    rung: Rung
    criteria: tuple[Criterion, ...]


class Graded(NamedTuple):
    """A computed grade. `criterion` None: no criterion of the table is met by what is known, so its `floor` holds.

    `first_guess`: only a first-guess criterion reaches this grade. `possible`: the grade if every missing person were
    found dead and every injured one seriously hurt, where that is graver. `citation`: of the table.
    """

    grade: str
    criterion: Criterion | None
    citation: Words
    table: GradeTable
    value: Value | None
    first_guess: bool
    possible: str


def decide(rows: Sequence[Rung], values: Values) -> Met | None:
    """Return the first row, gravest first, of which any criterion is met; None when none is."""
    for rung in rows:
        found = tuple(one for one in rung.any_of if met(one, values))
        if found:
            return Met(rung, found)
    return None


def met(one: Criterion, values: Values) -> bool:
    """Is a criterion met by these values? What isn't known meets nothing."""
    value = values.get(one.metric)
    if value is None or any(values.get(key) != wanted for key, wanted in one.where.items()):
        return False
    if one.equals is not None:
        return value == one.equals
    if isinstance(value, str):
        return False
    low = one.at_least is None or value >= one.at_least
    return low and (one.below is None or value < one.below)


def table_for(tables: Iterable[GradeTable], inputs: Inputs) -> GradeTable | None:
    """Return the table that holds for a kind of event at a place on a day: the narrowest area, then the type most
    closely named, then the latest. None when there is none."""
    held = [
        table
        for table in tables
        if table.valid_from <= inputs.on
        and (table.valid_to is None or inputs.on < table.valid_to)
        and inputs.area.startswith(table.area)
        and (table.code == inputs.kind or _near(table, inputs.kind))
    ]
    return max(
        held, key=lambda one: (len(one.area), _near(one, inputs.kind), one.valid_from, one.version), default=None
    )


def _near(table: GradeTable, kind: str) -> int:
    return max((len(start) for start in table.types if kind.startswith(start)), default=0)


def grade(tables: Iterable[GradeTable], inputs: Inputs) -> Graded | None:
    """Grade an event. None when no table holds for it, or what is known reaches no row and the table has no floor."""
    table = table_for(tables, inputs)
    return grade_by(table, inputs.values) if table is not None else None


def grade_by(table: GradeTable, values: Values) -> Graded | None:
    """Grade by one table; as `grade`."""
    known = totalled(table, values)
    found = decide(table.rows, known)
    code = found.rung.code if found else table.floor
    if not code:
        return None
    one = _deciding(found)
    worst = decide(table.rows, _worst(table, values))
    graver = worst is not None and RANK[worst.rung.code] > RANK[code]
    return Graded(
        grade=code, criterion=one, citation=table.citation, table=table,
        value=known.get(one.metric) if one is not None else None, first_guess=bool(one and one.first_guess),
        possible=worst.rung.code if worst is not None and graver else "",
    )  # fmt: skip


def _deciding(found: Met | None) -> Criterion | None:
    """A measured figure speaks before a first guess of the same grade."""
    return min(found.criteria, key=lambda one: one.first_guess) if found else None


def totalled(table: GradeTable, values: Values) -> dict[str, Value]:
    """Return the values with the table's sums and shares added: dead including missing, loss as a share of the GDP."""
    known = dict(values)
    for metric, parts in table.counted.items():
        numbers = [value for part in parts if isinstance(value := values.get(part), int | float)]
        if numbers:
            known[metric] = sum(numbers)
    loss, gdp = values.get("loss_wan"), values.get("gdp_wan")
    if isinstance(loss, int | float) and isinstance(gdp, int | float) and gdp > 0:
        known.setdefault("loss_gdp_percent", loss / gdp * 100)
    return known


def _worst(table: GradeTable, values: Values) -> dict[str, Value]:
    """What would be known if every missing person were found dead, every injured one seriously hurt."""
    dead, missing = values.get("deaths"), values.get("missing")
    numbers = [value for value in (dead, missing) if isinstance(value, int | float)]
    worst: dict[str, Value] = {**values, "deaths": sum(numbers), "missing": 0} if numbers else dict(values)
    if "injured" in values and "seriously_injured" not in values:
        worst["seriously_injured"] = values["injured"]
    return totalled(table, worst)


def window_days(table: GradeTable, kind: str) -> int | None:
    """Return how many days changed casualties change the grade for this type of event; None: without end."""
    if table.window is None:
        return None
    near = [start for start in table.window.shorter if kind.startswith(start)]
    return table.window.shorter[max(near, key=len)] if near else table.window.days


def window_end(happened: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the end of the window: the midnight that ends its last day; the day of the event isn't counted."""
    day = happened.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), zone)


def in_window(table: GradeTable, kind: str, metric: str, *, happened: datetime, as_of: datetime, zone: tzinfo) -> bool:
    """Does a figure as of `as_of` still change the grade?"""
    days = window_days(table, kind)
    if days is None or table.window is None or metric not in table.window.metrics:
        return True
    return as_of < window_end(happened, days, zone)


def graver(one: str, other: str) -> bool:
    """Is grade `one` graver than `other`? "" is no grade."""
    return RANK.get(one, 0) > RANK.get(other, 0)
