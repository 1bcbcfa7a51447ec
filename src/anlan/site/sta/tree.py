"""A `$filter` or `$orderby` as a tree: what was written, not yet what it means. Bounded in length, depth and size.

Grammar: OGC 18-088 §9.3.3.5 (a part of the OData 4.0 expressions). From weakest to strongest: or, and, not,
eq ne gt ge lt le, add sub, mul div mod, unary minus.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from anlan.site.sta.errors import Unreadable, unreadable
from anlan.site.sta.literals import literal

MOST_CHARS, MOST_DEPTH, MOST_NODES = 8000, 25, 250
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
SUMS, PRODUCTS = ("add", "sub"), ("mul", "div", "mod")
WORDS = ("and", "or", "not", *COMPARISONS, *SUMS, *PRODUCTS)

_DATE, _CLOCK = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?"
_MOMENT = rf"{_DATE}T{_CLOCK}(?:Z|[+\- ]\d\d:?\d\d)?"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<period>{_MOMENT}/{_MOMENT})|(?P<time>{_MOMENT})|(?P<date>{_DATE})|(?P<clock>{_CLOCK})|
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|
    (?P<typed>(?:geography|geometry|duration|time|date|datetime|datetimeoffset)'(?:[^']|'')*')|
    (?P<text>'(?:[^']|'')*')|
    (?P<name>[@\w$][\w.]*(?:/[@\w][\w.@-]*)*)|
    (?P<sign>[(),-])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Literal:
    """A value that was written. kind: number, text, bool, null, time, date, clock, period, duration, geo."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Path:
    """A property, perhaps of a related entity: `Datastream/Thing/name`, `properties/floor`."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A function, or an operator with its operands; `and` and `or` may have many."""

    name: str
    arguments: tuple[Node, ...]


Node = Literal | Path | Call


class Token(NamedTuple):
    """One word of the expression, and where it begins."""

    kind: str
    text: str
    at: int


def parse(text: str, field: str = "$filter") -> Node:
    """Return the tree of one expression. Raises Unreadable naming the place that can't be read."""
    reader = _Reader(text, field)
    node = reader.either(0)
    reader.end()
    return node


def parse_order(text: str) -> list[tuple[Node, bool]]:
    """Return what to order by, each with whether it falls: `name,phenomenonTime desc`."""
    reader = _Reader(text, "$orderby")
    found = []
    while True:
        node = reader.sum(0)
        falls = reader.take_word("desc", "DESC", "asc", "ASC")
        found.append((node, falls.lower() == "desc"))
        if not reader.take_sign(","):
            break
    reader.end()
    return found


class _Reader:
    """Reads the words from left to right."""

    def __init__(self, text: str, field: str) -> None:
        self.text, self.field, self.nodes = text, field, 0
        if len(text) > MOST_CHARS:
            raise unreadable(field, text[:80], f"最多{MOST_CHARS}个字符。", f"At most {MOST_CHARS} characters.")
        self.words = self._words()
        self.place = 0

    def _words(self) -> list[Token]:
        found, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None:
                raise self.wrong(at)
            kind = str(match.lastgroup)
            found.append(Token(kind, match.group(kind), match.start(kind)))
            at = match.end()
        return [*found, Token("end", "", end)]

    def wrong(self, at: int | None = None) -> Unreadable:
        """Return the refusal that names the place."""
        at = self.words[self.place].at if at is None else at
        rest = self.text[at : at + 40]
        return unreadable(
            self.field, rest, f"第 {at + 1} 个字符起无法理解：“{rest}”；请按 SensorThings 的表达式书写。",
            f"Can't be understood from character {at + 1}: “{rest}”; write an expression of SensorThings.",
        )  # fmt: skip

    def end(self) -> None:
        """Refuse words that are left over."""
        if self.words[self.place].kind != "end":
            raise self.wrong()

    def take_word(self, *words: str) -> str:
        """Return the next word if it is one of these, and go on; else ''."""
        token = self.words[self.place]
        if token.kind == "name" and token.text in words:
            self.place += 1
            return token.text
        return ""

    def take_sign(self, sign: str) -> bool:
        """Go past a sign, if it is the next."""
        token = self.words[self.place]
        if token.kind == "sign" and token.text == sign:
            self.place += 1
            return True
        return False

    def made(self, node: Node) -> Node:
        """Count a node."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise unreadable(self.field, self.text[:80], f"条件太多（最多 {MOST_NODES} 项）；请拆开查询。",
                             f"Too many parts (at most {MOST_NODES}); ask in several queries.")  # fmt: skip
        return node

    def either(self, depth: int) -> Node:
        """Read what `or` joins."""
        if depth > MOST_DEPTH:
            raise unreadable(self.field, self.text[:80], f"嵌套太深（最多 {MOST_DEPTH} 层）。",
                             f"Nested too deep (at most {MOST_DEPTH}).")  # fmt: skip
        parts = [self.both(depth)]
        while self.take_word("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else self.made(Call("or", tuple(parts)))

    def both(self, depth: int) -> Node:
        """Read what `and` joins."""
        parts = [self.negated(depth)]
        while self.take_word("and"):
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else self.made(Call("and", tuple(parts)))

    def negated(self, depth: int) -> Node:
        """Read a condition, or its opposite."""
        negations = 0
        while self.take_word("not"):
            negations += 1
        node = self.compared(depth)
        if negations:
            node = self.made(Call("not", (node,)))
        return node if negations % 2 or not negations else self.made(Call("not", (node,)))

    def compared(self, depth: int) -> Node:
        """Read a comparison."""
        node = self.sum(depth)
        while word := self.take_word(*COMPARISONS):
            node = self.made(Call(word, (node, self.sum(depth))))
        return node

    def sum(self, depth: int) -> Node:
        """Read what `add` and `sub` join."""
        node = self.product(depth)
        while word := self.take_word(*SUMS):
            node = self.made(Call(word, (node, self.product(depth))))
        return node

    def product(self, depth: int) -> Node:
        """Read what `mul`, `div` and `mod` join."""
        node = self.one(depth)
        while word := self.take_word(*PRODUCTS):
            node = self.made(Call(word, (node, self.one(depth))))
        return node

    def one(self, depth: int) -> Node:
        """Read a value, a property, a function or what is in parentheses."""
        if self.take_sign("-"):
            if depth > MOST_DEPTH:
                raise self.wrong()
            return self.made(Call("minus", (self.one(depth + 1),)))
        if self.take_sign("("):
            node = self.either(depth + 1)
            if not self.take_sign(")"):
                raise self.wrong()
            return node
        token = self.words[self.place]
        if token.kind in ("end", "sign") or token.text in WORDS:
            raise self.wrong()
        self.place += 1
        if token.kind == "name":
            return self._named(token, depth)
        kind, value = literal(token.kind, token.text, self.field)
        return self.made(Literal(kind, value))

    def _named(self, token: Token, depth: int) -> Node:
        if self.take_sign("("):
            arguments: list[Node] = []
            while not self.take_sign(")"):
                arguments.append(self.either(depth + 1))
                if not self.take_sign(",") and self.words[self.place].text != ")":
                    raise self.wrong()
            return self.made(Call(token.text.lower(), tuple(arguments)))
        if token.text in ("true", "false"):
            return self.made(Literal("bool", token.text == "true"))
        if token.text == "null":
            return self.made(Literal("null", None))
        return self.made(Path(tuple(token.text.split("/"))))
