"""The functions of an expression: of texts, numbers, moments and periods. Moments are read in UTC.

Source: OGC 18-088 §9.3.3.5.3 (table 28) and the OData functions it names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from anlan.kernel import clock
from anlan.site.sta.errors import unreadable
from anlan.site.sta.terms import Period, Term, Value, as_kind, as_period, written_moment


class Function(NamedTuple):
    """Kinds of the arguments (a trailing `?` may be left out), kind of the value, SQL over the arguments."""

    takes: tuple[str, ...]
    gives: str
    sql: str


def _part(word: str) -> Function:
    return Function(("moment",), "number", f"extract({word} FROM {{0}} AT TIME ZONE 'UTC')::float8")


_PLACE = "least(greatest({}, 0), 1000000)::integer"
FUNCTIONS: dict[str, Function] = {
    "substringof": Function(("text", "text"), "bool", "(strpos({1}, {0}) > 0)"),
    "contains": Function(("text", "text"), "bool", "(strpos({0}, {1}) > 0)"),
    "startswith": Function(("text", "text"), "bool", "({0} ^@ {1})"),
    "endswith": Function(("text", "text"), "bool", "(right({0}, length({1})) = {1})"),
    "length": Function(("text",), "number", "length({0})"),
    "indexof": Function(("text", "text"), "number", "(strpos({0}, {1}) - 1)"),
    "substring": Function(
        ("text", "number", "number?"), "text",
        f"substr({{0}}, {_PLACE.format('trunc(({1})::float8)')} + 1, {_PLACE.format('trunc(({2})::float8)')})",
    ),
    "tolower": Function(("text",), "text", "lower({0})"),
    "toupper": Function(("text",), "text", "upper({0})"),
    "trim": Function(("text",), "text", "btrim({0})"),
    "concat": Function(("text", "text"), "text", "({0} || {1})"),
    "round": Function(("number",), "number", "round(({0})::float8::numeric)::float8"),
    "floor": Function(("number",), "number", "floor(({0})::float8)"),
    "ceiling": Function(("number",), "number", "ceil(({0})::float8)"),
    **{word: _part(word) for word in ("year", "month", "day", "hour", "minute")},
    "second": Function(("moment",), "number", "floor(extract(second FROM {0} AT TIME ZONE 'UTC'))::float8"),
    "fractionalseconds": Function(("moment",), "number", "mod(extract(second FROM {0} AT TIME ZONE 'UTC'), 1)::float8"),
    "totaloffsetminutes": Function(("moment",), "number", "(extract(epoch FROM {0}) * 0)::float8"),
    "date": Function(("moment",), "date", "({0} AT TIME ZONE 'UTC')::date"),
    "time": Function(("moment",), "clock", "({0} AT TIME ZONE 'UTC')::time"),
}  # fmt: skip
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)
MOMENTS: dict[str, Callable[[], datetime]] = {
    "now": clock.now, "mindatetime": lambda: FIRST, "maxdatetime": lambda: LAST,
}  # fmt: skip
# over the starts and ends of two periods: s, e of the first, t, u of the second
PERIODS = {
    "before": "{e} < {t}", "after": "{s} > {u}", "meets": "({e} = {t} OR {s} = {u})",
    "during": "({s} >= {t} AND {e} <= {u})", "overlaps": "({s} <= {u} AND {t} <= {e})",
    "starts": "{s} = {t}", "finishes": "{e} = {u}",
}  # fmt: skip


def called(name: str, arguments: list[Value], field: str) -> Term:
    """Return a function of values. Raises Unreadable for arguments of the wrong number or kind."""
    if name in MOMENTS:
        _many(name, arguments, 0, 0, field)
        return written_moment(MOMENTS[name]())
    if name in PERIODS:
        _many(name, arguments, 2, 2, field)
        return _of_periods(PERIODS[name], as_period(arguments[0], field), as_period(arguments[1], field))
    found = FUNCTIONS[name]
    least = sum(not kind.endswith("?") for kind in found.takes)
    _many(name, arguments, least, len(found.takes), field)
    taken = [_taken(value, kind, field) for value, kind in zip(arguments, found.takes, strict=False)]
    if len(taken) < len(found.takes):
        taken.append(Term("number", "1000000", (), False))
    return composed(found.gives, found.sql, taken)


def composed(kind: str, template: str, terms: list[Term]) -> Term:
    """Return `template` filled with terms; parameters in the order in which the template names them."""
    sql, params = "", []
    rest = template
    while (at := rest.find("{")) >= 0:
        end = rest.index("}", at)
        term = terms[int(rest[at + 1 : end])]
        sql += rest[:at] + term.sql
        params += list(term.params)
        rest = rest[end + 1 :]
    return Term(kind, sql + rest, tuple(params), any(term.nullable for term in terms))


def _of_periods(template: str, one: Period, other: Period) -> Term:
    places = {"{s}": "{0}", "{e}": "{1}", "{t}": "{2}", "{u}": "{3}"}
    for word, place in places.items():
        template = template.replace(word, place)
    return composed("bool", f"({template})", [one.start, one.end, other.start, other.end])


def _taken(value: Value, kind: str, field: str) -> Term:
    """Return an argument as the kind a function takes; of a period its start stands for it."""
    if kind == "moment":
        return as_kind(value.start if isinstance(value, Period) else value, "time", field)
    return as_kind(value, kind.rstrip("?"), field)


def _many(name: str, arguments: list[Any], least: int, most: int, field: str) -> None:
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least}–{most}"
        raise unreadable(field, name, f"函数 {name} 需要 {wanted} 个参数。", f"{name} takes {wanted} arguments.")
