"""What an expression comes to in SQL: text with its parameters, the kind of its value, and whether it may be null."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from anlan.site.sta.errors import unreadable
from anlan.site.sta.literals import moment

# kinds: number, text, bool, time, date, clock, duration, json, null; Period and Geo stand for themselves
NAMES = {
    "number": ("数值", "a number"), "text": ("文字", "a text"), "bool": ("条件", "a condition"),
    "time": ("时刻", "a moment"), "date": ("日期", "a date"), "clock": ("时间", "a time of day"),
    "duration": ("时长", "a duration"), "period": ("时段", "a period"), "geo": ("几何图形", "a geometry"),
    "json": ("JSON", "JSON"), "null": ("空值", "null"),
}  # fmt: skip
TYPES = {"number": "float8", "text": "text", "bool": "boolean", "time": "timestamptz", "date": "date", "clock": "time",
         "duration": "interval"}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A value in SQL. `given`: what was written, where it is a literal."""

    kind: str
    sql: str
    params: tuple[Any, ...] = ()
    nullable: bool = True
    given: Any = None


@dataclass(frozen=True)
class Period:
    """A span of time: both ends are moments (the same for an instant)."""

    start: Term
    end: Term
    kind: str = "period"


@dataclass(frozen=True)
class Geo:
    """A point of each row. `past`: of the journal, where a station once was."""

    lon: Term
    lat: Term
    past: bool = False
    kind: str = "geo"


@dataclass(frozen=True)
class Shape:
    """A geometry that was written (WGS 84 degrees, planar)."""

    shape: Any
    kind: str = "geo"


Value = Term | Period | Geo | Shape


def written(kind: str, value: Any) -> Value:
    """Return a literal of `tree` as a value."""
    if kind == "null":
        return Term("null", "NULL")
    if kind == "geo":
        return Shape(value)
    if kind == "period":
        return Period(written_moment(value[0]), written_moment(value[1]))
    if kind == "number" and isinstance(value, int):
        return Term("number", "%s", (value,), False, value)
    return Term(kind, f"%s::{TYPES[kind]}", (value,), False, value)


def written_moment(value: datetime) -> Term:
    """Return a moment as a value."""
    return Term("time", "%s::timestamptz", (value,), False, value)


def as_kind(value: Value, kind: str, field: str) -> Term:
    """Return the value as `kind`, where it can be one: JSON as what it holds, a date as its midnight, texts as moments.

    Raises Unreadable naming what was found and what is wanted.
    """
    if isinstance(value, Term):
        if value.kind == kind:
            return value
        if value.kind == "null":
            return Term(kind, f"NULL::{TYPES[kind]}")
        if value.kind == "json" and kind in _FROM_JSON:
            return Term(kind, _FROM_JSON[kind].format(value.sql), value.params * 2)
        if kind == "time" and value.kind == "date":
            return _midnight(value)
        if kind in ("time", "number") and value.kind == "text" and value.given is not None:
            return _reread(value, kind, field)
    raise mismatch(value, kind, field)


def mismatch(value: Value, kind: str, field: str) -> Exception:
    """Return the refusal of a value of the wrong kind."""
    found, wanted = NAMES[value.kind], NAMES[kind]
    return unreadable(field, value.kind, f"此处需要{wanted[0]}，得到的是{found[0]}。",
                      f"{wanted[1][0].upper()}{wanted[1][1:]} is wanted here, not {found[1]}.")  # fmt: skip


def as_period(value: Value, field: str) -> Period:
    """Return a period or a moment as a period."""
    if isinstance(value, Period):
        return value
    found = as_kind(value, "time", field)
    return Period(found, found)


def _midnight(value: Term) -> Term:
    if value.given is not None:
        return written_moment(datetime.combine(value.given, time(), UTC))
    return Term("time", f"(({value.sql})::timestamp AT TIME ZONE 'UTC')", value.params, value.nullable)


def _reread(value: Term, kind: str, field: str) -> Term:
    """Take a quoted moment or number for what it is: clients write both ways."""
    text = str(value.given)
    try:
        if kind == "time":
            return written_moment(moment(text))
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise ValueError(text)
        return Term("number", "%s", (int(text),), False, int(text))
    except (ValueError, OverflowError):
        raise mismatch(value, kind, field) from None


_FROM_JSON = {
    "number": "(CASE WHEN jsonb_typeof({0}) = 'number' THEN ({0} #>> '{{}}')::float8 END)",
    "text": "(CASE WHEN jsonb_typeof({0}) = 'string' THEN {0} #>> '{{}}' END)",
    "bool": "(CASE WHEN jsonb_typeof({0}) = 'boolean' THEN ({0} #>> '{{}}')::boolean END)",
}


def composed_key(column: str, keys: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return a value inside a JSON column, with its parameters."""
    return (column, ()) if not keys else (f"({column} #> %s::text[])", (list(keys),))
