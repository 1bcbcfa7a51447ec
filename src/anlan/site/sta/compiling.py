"""A tree becomes SQL with parameters. Conditions are true or false, never null: what isn't known doesn't hold.

Equality with null asks whether there is a value; every other comparison with what is missing is false.
"""

from __future__ import annotations

from collections.abc import Callable

from anlan.site.sta.errors import unreadable
from anlan.site.sta.functions import FUNCTIONS, MOMENTS, PERIODS, called, composed
from anlan.site.sta.geometry import GEOMETRIC, Points, geometric
from anlan.site.sta.terms import NAMES, Geo, Period, Shape, Term, Value, as_kind, as_period, written
from anlan.site.sta.tree import COMPARISONS, Call, Literal, Node, Path

SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
ARITHMETIC = {
    "add": "(({0})::float8 + ({1})::float8)", "sub": "(({0})::float8 - ({1})::float8)",
    "mul": "(({0})::float8 * ({1})::float8)", "div": "(({0})::float8 / nullif(({1})::float8, 0))",
    "mod": "(mod(({0})::float8::numeric, nullif(({1})::float8::numeric, 0))::float8)",
}  # fmt: skip
# of two periods: s, e of the first (0, 1), t, u of the second (2, 3)
PERIOD_SIGNS = {
    "eq": "({0} = {2} AND {1} = {3})", "ne": "({0} <> {2} OR {1} <> {3})", "gt": "{0} > {3}", "ge": "{0} >= {2}",
    "lt": "{1} < {2}", "le": "{1} <= {3}",
}  # fmt: skip
Resolve = Callable[[tuple[str, ...]], Value]


class Compiler:
    """Turns trees into SQL; `resolve` says what a property is, `points` which points there are for a geometry."""

    def __init__(self, resolve: Resolve, points: Points, field: str = "$filter") -> None:
        self.resolve, self.points, self.field = resolve, points, field

    def condition(self, node: Node, *, bare: bool = True) -> Term:
        """Return a condition. `bare`: null may stand for false, as in WHERE, so that indexes stay of use."""
        if isinstance(node, Call) and node.name in ("and", "or"):
            parts = [self.condition(part, bare=bare) for part in node.arguments]
            joined = f" {node.name.upper()} ".join(part.sql for part in parts)
            params = tuple(value for part in parts for value in part.params)
            return Term("bool", f"({joined})", params, any(part.nullable for part in parts))
        if isinstance(node, Call) and node.name == "not":
            inner = self.condition(node.arguments[0], bare=False)
            return Term("bool", f"(NOT {inner.sql})", inner.params, False)
        found = as_kind(self.value(node), "bool", self.field)
        if found.nullable and not bare:
            return Term("bool", f"({found.sql} IS TRUE)", found.params, False)
        return found

    def value(self, node: Node) -> Value:
        """Return any expression."""
        if isinstance(node, Literal):
            return written(node.kind, node.value)
        if isinstance(node, Path):
            return self.resolve(node.parts)
        if node.name in ("and", "or", "not"):
            return self.condition(node, bare=False)
        if node.name in COMPARISONS:
            return self._compared(node)
        if node.name in ARITHMETIC:
            return self._reckoned(node.name, *(self.value(part) for part in node.arguments))
        if node.name == "minus":
            return self._minus(self.value(node.arguments[0]))
        return self._called(node)

    def _called(self, node: Call) -> Value:
        arguments = [self.value(part) for part in node.arguments]
        if node.name in GEOMETRIC:
            return geometric(node.name, arguments, self.points, self.field)
        if node.name in FUNCTIONS or node.name in MOMENTS or node.name in PERIODS:
            return called(node.name, arguments, self.field)
        known = "、".join(sorted([*FUNCTIONS, *MOMENTS, *PERIODS, *GEOMETRIC]))
        raise unreadable(self.field, node.name, f"没有函数“{node.name[:40]}”；可用：{known}。",
                         f"There is no function “{node.name[:40]}”; take one of: {known.replace('、', ', ')}.")  # fmt: skip

    def _minus(self, value: Value) -> Term:
        if isinstance(value, Term) and value.kind == "duration":
            return composed("duration", "(- {0})", [value])
        found = as_kind(value, "number", self.field)
        return composed("number", "(- ({0})::float8)", [found])

    def _reckoned(self, word: str, one: Value, other: Value) -> Term:
        """Return a sum or product: of numbers, or of moments and durations."""
        kinds = one.kind, other.kind
        if word in ("add", "sub") and "duration" in kinds and isinstance(one, Term | Period):
            sign = "+" if word == "add" else "-"
            if kinds == ("duration", "duration"):
                return composed("duration", f"({{0}} {sign} {{1}})", [one, other])  # type: ignore[list-item]
            if kinds[1] == "duration":
                moment = as_kind(one.start if isinstance(one, Period) else one, "time", self.field)
                return composed("time", f"({{0}} {sign} {{1}})", [moment, other])  # type: ignore[list-item]
        if word == "sub" and kinds[0] in ("time", "date") and kinds[1] in ("time", "date"):
            ends = [as_kind(one, "time", self.field), as_kind(other, "time", self.field)]
            return composed("duration", "({0} - {1})", ends)
        numbers = [as_kind(one, "number", self.field), as_kind(other, "number", self.field)]
        found = composed("number", ARITHMETIC[word], numbers)
        return Term(found.kind, found.sql, found.params, found.nullable or word in ("div", "mod"))

    def _compared(self, node: Call) -> Term:
        one, other = (self.value(part) for part in node.arguments)
        word = node.name
        for this, that in ((one, other), (other, one)):
            if isinstance(that, Term) and that.kind == "null":
                return _null(word, this)
        if isinstance(one, Period) or isinstance(other, Period):
            first, second = as_period(one, self.field), as_period(other, self.field)
            terms = [first.start, first.end, second.start, second.end]
            found = composed("bool", f"({PERIOD_SIGNS[word]})", terms)
            return _or_missing(found) if word == "ne" and found.nullable else found
        if isinstance(one, Geo | Shape) or isinstance(other, Geo | Shape):
            equal = geometric("st_equals", [one, other], self.points, self.field)
            return composed("bool", "({0})" if word == "eq" else "(NOT {0})", [equal])
        return _of(word, *self._alike(one, other))

    def _alike(self, one: Term, other: Term) -> tuple[Term, Term]:
        """Return both as values of one kind; JSON is taken for what it is compared with."""
        if one.kind == other.kind == "json":
            return as_kind(one, "text", self.field), as_kind(other, "text", self.field)
        kinds = {one.kind, other.kind}
        for kind in ("time", "number", "text", "bool"):
            if kind in kinds and (kinds - {kind, "json", "text", "date"} == set()):
                return as_kind(one, kind, self.field), as_kind(other, kind, self.field)
        if one.kind == other.kind:
            return one, other
        zh, en = zip(NAMES[one.kind], NAMES[other.kind], strict=True)
        raise unreadable(self.field, "", f"不能比较{zh[0]}与{zh[1]}。", f"Can't compare {en[0]} with {en[1]}.")


def _of(word: str, one: Term, other: Term) -> Term:
    if word == "ne" and (one.nullable or other.nullable):
        return composed("bool", "({0} IS DISTINCT FROM {1})", [one, other])
    if word == "eq" and one.nullable and other.nullable:
        found = composed("bool", "({0} IS NOT DISTINCT FROM {1})", [one, other])
        return Term("bool", found.sql, found.params, False)
    found = composed("bool", f"({{0}} {SIGNS[word]} {{1}})", [one, other])
    return Term("bool", found.sql, found.params, found.nullable)


def _or_missing(found: Term) -> Term:
    return Term("bool", f"({found.sql} IS NOT FALSE)", found.params, False)


def _null(word: str, value: Value) -> Term:
    """Compare with null: there is a value, or there is none; greater or less than nothing is nothing."""
    if word not in ("eq", "ne"):
        return Term("bool", "false", (), False)
    seen = value.start if isinstance(value, Period) else value.lon if isinstance(value, Geo) else value
    if isinstance(seen, Shape):
        return Term("bool", "false" if word == "eq" else "true", (), False)
    missing = f"({seen.sql} IS {'' if word == 'eq' else 'NOT '}NULL)"
    if seen.kind == "json":  # a JSON null is none either
        missing = f"(coalesce(jsonb_typeof({seen.sql}), 'null') {'=' if word == 'eq' else '<>'} 'null')"
    return Term("bool", missing, seen.params, False)
