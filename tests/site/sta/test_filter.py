"""`$filter` as SQL gives what a plain evaluation of the tree gives, for expressions nobody thought of."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.site.sta.compiling import Compiler
from anlan.site.sta.errors import Unreadable
from anlan.site.sta.terms import Geo, Period, Term, Value
from anlan.site.sta.tree import Call, Literal, Node, Path, parse

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 5, 1, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"key": at, "a": [1.0, -2.5, None, 0.0, 7.0][at % 5], "b": float(at - 6), "s": ["Rain", "rain gauge", "", None, "河"][at % 5],
     "t": T0 + timedelta(hours=7 * at, milliseconds=250 * at), "u": None if at % 3 == 0 else T0 + timedelta(days=at),
     "p": at % 2 == 0, "lon": 113.0 + at / 10, "lat": 34.0 + (at % 4) / 10}
    for at in range(15)
]  # fmt: skip
KINDS = {"a": "number", "b": "number", "s": "text", "t": "time", "u": "time", "p": "bool"}
NULLABLE = {"a", "s", "u"}


def resolve(parts: tuple[str, ...]) -> Value:
    if parts == ("spot",):
        return Geo(Term("number", "r.lon", (), False), Term("number", "r.lat", (), False))
    if parts == ("span",):
        return Period(Term("time", "r.t", (), False), Term("time", "(r.t + interval '1 day')", (), False))
    return Term(KINDS[parts[0]], f"r.{parts[0]}", (), parts[0] in NULLABLE)


def points(box: Any, past: bool) -> Any:
    return np.array([(row["lon"], row["lat"]) for row in ROWS])


def by_sql(node: Node) -> list[int]:
    """Return the keys of the rows for which PostgreSQL says the condition holds."""
    found = Compiler(resolve, points).condition(node)
    places = ", ".join(
        "(%s::int, %s::float8, %s::float8, %s::text, %s::timestamptz, %s::timestamptz, %s::boolean, %s::float8, %s::float8)"
        for _ in ROWS
    )
    values = [row[name] for row in ROWS for name in ("key", "a", "b", "s", "t", "u", "p", "lon", "lat")]
    with connection.cursor() as cursor:
        sql = f"SELECT key FROM (VALUES {places}) AS r(key, a, b, s, t, u, p, lon, lat) WHERE {found.sql} ORDER BY key"
        cursor.execute(sql, [*values, *found.params])
        return [row[0] for row in cursor.fetchall()]


def by_hand(node: Node) -> list[int]:
    return [row["key"] for row in ROWS if value(node, row) is True]


def value(node: Node, row: dict[str, Any]) -> Any:
    """Evaluate plainly: None is what isn't known; conditions are never None."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Path):
        if node.parts == ("spot",):
            return shapely.Point(row["lon"], row["lat"])
        return (row["t"], row["t"] + timedelta(days=1)) if node.parts == ("span",) else row[node.parts[0]]
    if node.name == "and":
        return all(value(part, row) is True for part in node.arguments)
    if node.name == "or":
        return any(value(part, row) is True for part in node.arguments)
    if node.name == "not":
        return value(node.arguments[0], row) is not True
    parts = [value(part, row) for part in node.arguments]
    if node.name in ("eq", "ne"):
        return (parts[0] == parts[1]) is (node.name == "eq")
    if any(part is None for part in parts):
        return False if node.name in HOLDS else None
    return OPERATIONS[node.name](*parts)


def rounded(x: float) -> float:
    return math.copysign(math.floor(abs(x) + 0.5), x)


def after_point(x: float, y: float) -> Any:
    return None if y == 0 else math.fmod(x, y)


OPERATIONS: dict[str, Any] = {
    "gt": lambda x, y: x > y, "ge": lambda x, y: x >= y, "lt": lambda x, y: x < y, "le": lambda x, y: x <= y,
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: None if y == 0 else x / y, "mod": after_point, "minus": lambda x: -x,
    "round": rounded, "floor": math.floor, "ceiling": math.ceil,
    "substringof": lambda x, y: x in y, "startswith": lambda x, y: x.startswith(y), "endswith": lambda x, y: x.endswith(y),
    "contains": lambda x, y: y in x, "length": len, "indexof": lambda x, y: x.find(y), "tolower": str.lower,
    "toupper": str.upper, "trim": lambda x: x.strip(" "), "concat": lambda x, y: x + y,
    "substring": lambda x, at, most=10**6: x[max(0, int(at)) :][: max(0, int(most))],
    "year": lambda x: x.year, "month": lambda x: x.month, "day": lambda x: x.day, "hour": lambda x: x.hour,
    "minute": lambda x: x.minute, "second": lambda x: x.second, "fractionalseconds": lambda x: x.microsecond / 1e6,
    "date": lambda x: x.date(), "time": lambda x: x.time(), "totaloffsetminutes": lambda x: 0,
    "before": lambda x, y: x < y, "after": lambda x, y: x > y,
}  # fmt: skip
HOLDS = {"gt", "ge", "lt", "le", "substringof", "startswith", "endswith", "contains", "before", "after"}

numbers = st.deferred(
    lambda: st.one_of(
        st.sampled_from([Path(("a",)), Path(("b",))]),
        st.integers(0, 9).map(lambda x: Literal("number", x)),
        st.sampled_from([0.5, 2.5]).map(lambda x: Literal("number", x)),
        calls(["add", "sub", "mul", "div"], numbers, numbers),
        calls(["minus", "round", "floor", "ceiling"], numbers),
        calls(["mod"], numbers, st.sampled_from([Literal("number", 3), Path(("b",))])),
        calls(["length"], texts),
        calls(["indexof"], texts, texts),
        calls(["year", "month", "day", "hour", "minute", "second", "fractionalseconds", "totaloffsetminutes"], times),
    )
)
texts = st.deferred(
    lambda: st.one_of(
        st.just(Path(("s",))),
        st.sampled_from(["", "rain", "R", "a'i", " ", "河", "%", "\\"]).map(lambda x: Literal("text", x)),
        calls(["tolower", "toupper", "trim"], texts),
        calls(["concat"], texts, texts),
        calls(["substring"], texts, st.integers(0, 4).map(lambda x: Literal("number", x))),
        calls(["substring"], texts, *[st.integers(0, 4).map(lambda x: Literal("number", x))] * 2),
    )
)
times = st.one_of(
    st.sampled_from([Path(("t",)), Path(("u",))]),
    st.integers(-30, 400).map(lambda x: Literal("time", T0 + timedelta(hours=x))),
)
COMPARED = ["eq", "ne", "gt", "ge", "lt", "le"]
conditions = st.deferred(
    lambda: st.one_of(
        calls(COMPARED, numbers, numbers),
        calls(["eq", "ne"], texts, texts),
        calls(COMPARED, times, times),
        calls(["eq", "ne"], st.one_of(numbers, texts, times), st.just(Literal("null", None))),
        calls(["substringof", "startswith", "endswith", "contains"], texts, texts),
        calls(["before", "after"], times, times),
        st.just(Path(("p",))),
        calls(["not"], conditions),
        calls(["and", "or"], conditions, conditions),
    )
)


def calls(names: list[str], *arguments: Any) -> Any:
    return st.tuples(st.sampled_from(names), *arguments).map(lambda made: Call(made[0], tuple(made[1:])))


def close(node: Node) -> bool:
    """Leave out what depends on the last digit of a float: equality of reckoned numbers."""
    if isinstance(node, Call):
        sums = {"div", "mul", "mod", "add", "sub", "fractionalseconds"}
        if node.name in COMPARED and any(name in sums for part in node.arguments for name in names_in(part)):
            return False
        if node.name in ("round", "floor", "ceiling") and any(name in sums for name in names_in(node.arguments[0])):
            return False
        return all(close(part) for part in node.arguments)
    return True


def names_in(node: Node) -> set[str]:
    return {node.name, *(n for part in node.arguments for n in names_in(part))} if isinstance(node, Call) else set()


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(conditions)
def test_sql_says_what_a_plain_evaluation_says(node: Node) -> None:
    if close(node):
        assert by_sql(node) == by_hand(node)
    else:
        by_sql(node)  # must at least be valid


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a eq 1 and b gt 0", [10]),
        ("a mul 2 add 1 eq 3", [0, 5, 10]),
        ("a mod 2 eq 1", [0, 4, 5, 9, 10, 14]),
        ("b div 2 lt -2", [0, 1]),
        ("b div 0 eq null", list(range(15))),
        ("-b gt 4", [0, 1]),
        ("not (b gt 1 or b lt 0)", [6, 7]),
        ("not b gt 1 and p", [0, 2, 4, 6]),
        ("1 add 2 mul 3 eq 7 and b eq 0", [6]),
        ("(1 add 2) mul 3 eq 9 and b eq 0", [6]),
        ("substringof('rain',s)", [1, 6, 11]),
        ("substring(s,1,2) eq 'ai'", [0, 1, 5, 6, 10, 11]),
        ("t ge 2026-05-01T07:00:00.25Z and t lt 2026-05-01T14:00:01Z", [1, 2]),
        ("t eq 2026-05-01T15:00:00.25 08:00", [1]),
        ("t eq '2026-05-01T07:00:00.250Z'", [1]),
        ("date(t) eq 2026-05-02", [4, 5, 6]),
        ("time(t) eq 00:00:00", [0]),
        ("t add duration'P1D' gt 2026-05-05T23:00:00Z", [14]),
        ("t sub 2026-05-01T00:00:00Z lt duration'PT8H'", [0, 1]),
        ("during(t,2026-05-01T00:00:00Z/2026-05-01T08:00:00Z)", [0, 1]),
        ("overlaps(span,2026-05-01T00:00:00Z/2026-05-01T06:00:00Z)", [0]),
        ("span lt 2026-05-02T08:00:00Z", [0, 1]),
        ("meets(span,2026-05-02T00:00:00Z/2026-05-03T00:00:00Z)", [0]),
        ("finishes(span,2026-05-02T00:00:00Z) or starts(span,2026-05-01T00:00:00Z)", [0]),
        ("now() lt t", []),
        ("mindatetime() lt t and t lt maxdatetime() and b eq 0", [6]),
        ("u eq null", [0, 3, 6, 9, 12]),
        ("geo.distance(spot,geography'POINT(113 34)') lt 0.2", [0, 1]),
        ("st_within(spot,geography'POLYGON((112.9 33.9,113.25 33.9,113.25 34.25,112.9 34.25,112.9 33.9))')", [0, 1, 2]),
        ("geo.intersects(geography'SRID=4326;LINESTRING(113 34,113 35)',spot)", [0]),
        ("st_disjoint(spot,geography'POINT(113 34)') and b lt -4", [1]),
        ("st_equals(spot,geography'POINT(113 34)')", [0]),
        ("spot eq geography'POINT(113 34)'", [0]),
        ("st_relate(spot,geography'POINT(113 34)','T********')", [0]),
        ("geo.length(geography'LINESTRING(0 0,3 4)') eq 5 and b eq 0", [6]),
    ],
)
def test_expressions_of_the_standard(text: str, keys: list[int]) -> None:
    assert by_sql(parse(text)) == keys


@pytest.mark.parametrize(
    "text",
    ["", "a", "a eq", "eq 1", "a eq 'x", "(a eq 1", "a eq 1)", "nothing(a) eq 1", "a eq 1 b", "s gt 1", "a and b",
     "substringof(a)", "substringof(a,b)", "t eq 2026-99-01T00:00:00Z", "geo.distance(spot,'x') lt 1", "a eq 1e999",
     "st_within(spot,geography'POLYGON((0 0,1 1))')", "st_within(spot,geography'nothing')", "st_relate(spot,geography'POINT(0 0)','x')",
     "(" * 100 + "a eq 1" + ")" * 100, " and ".join(["a eq 1"] * 400), "a eq " + "-" * 200 + "1", "x" * 9000,
     "spot gt spot", "st_within(spot,spot)", "geo.distance(spot,geography'LINESTRING(0 0,1 1)') lt 1", "time'25:00' eq time(t)",
     "duration'x' eq duration'y'", "t add 1 eq t", "p gt t", "concat(s) eq s", "now(1) eq t"],
)  # fmt: skip
def test_what_is_no_expression_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Compiler(resolve, points).condition(parse(text))
    assert caught.value.zh
    assert caught.value.en


@settings(max_examples=500)
@given(st.text(alphabet="ab st()'eqgtandornot 10-:TZ/,.PD$@%\\\"", max_size=60))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        Compiler(lambda parts: Term("number", "1", (), False), points).condition(parse(text))
