"""How the parts of a paper sit on the page: the break of its title, its signature, the columns of its tables."""

from __future__ import annotations

import re
from typing import Final

from anlan.response.engine.paper import Table

TITLE_SQUARES: Final = 19.0  # of the second size, in 156 mm
BEFORE: Final = "由对"
AFTER: Final = "，、；：》”）的和及"
ACROSS: Final = 36.8  # ems of the table's size in 156 mm
INSET: Final = 1.3  # ems a cell keeps free, and what its figures take beyond half a square
SHORT: Final = 9.0  # ems of a column that is not broken
MANY: Final = 6  # columns beside which a moment takes two lines
TAILS: Final = ("通知", "通报", "报告", "快报", "专报", "意见", "函", "决定", "请示", "命令", "纪要")


def width(text: str) -> float:
    """Return how many full squares of the grid a text takes: a half for what is narrow."""
    return sum(1.0 if ord(c) >= 0x2E80 or c in "“”‘’—…·" else 0.5 for c in text)


def signature_indents(signed_by: str, dated: str) -> tuple[float, float]:
    """Return the free squares to the right of organ and day (GB/T 9704 §7.3.5.3): the day has four, the organ stands centred
    over it, or with two where it is too long for that."""
    centred = 4.0 + (width(dated) - width(signed_by)) / 2
    return max(2.0, centred), 4.0


def title_lines(title: str) -> list[str]:
    """Return a title in lines of about equal length (回行时词意完整、长短适宜, GB/T 9704 §7.3.1), broken after a mark or 的 where
    one is near, never inside a number and what it counts, a Latin word or a pair of brackets' edge. One more line where a
    line would not fit."""
    count = max(1, int(-(-width(title) // TITLE_SQUARES)))
    tries = [_lines(title, count + more) for more in range(3)]
    return next((found for found in tries if all(width(line) <= TITLE_SQUARES for line in found)), tries[0])


def _lines(title: str, count: int) -> list[str]:
    found: list[str] = []
    rest = title
    for left in range(count, 1, -1):
        at = _cut(rest, width(rest) / left)
        if not 0 < at < len(rest):
            break
        found.append(rest[:at])
        rest = rest[at:]
    return [line for line in (*found, rest) if line]


def _cut(text: str, wanted: float) -> int:
    """The place to break that is least bad: how far from what was wanted, and whether a word is torn."""
    best, least, wide = 0, float("inf"), 0.0
    for at in range(1, len(text)):
        wide += width(text[at - 1])
        if wide > TITLE_SQUARES:
            break
        cost = (
            abs(wide - wanted)
            - (3.5 if text[at - 1] in AFTER else 0.0)
            - (6.0 if text.startswith("关于", at) else 0.0)
            - (2.0 if text[at] in BEFORE else 0.0)
        )
        torn = (
            (text[at - 1].isascii() and text[at].isascii())
            or text[at - 1].isdigit()
            or text[at] in "，、；：。》”）〕"
            or text[at - 1] in "《“（〔"
        )
        cost += 50.0 if torn or text[at:] in TAILS else 0.0
        if cost < least:
            best, least = at, cost
    return best


def column_shares(table: Table) -> list[float]:
    """Return how wide each column is beside the others: by its longest cell, within reason. Where all don't fit side by
    side, what can't be broken (a number, a moment, a Latin word) stays whole, and columns of words give way."""
    columns = list(zip(*(row for row in (table.head, *table.rows)), strict=False))
    wished = [min(24.0, max(4.0, *(width(cell) for cell in column))) + INSET for column in columns]
    if sum(wished) > ACROSS:
        least = [
            min(one, _unbroken(column, many=len(columns) > MANY) + INSET)
            for one, column in zip(wished, columns, strict=True)
        ]
        spare = max(0.0, ACROSS - sum(least)) / ((sum(wished) - sum(least)) or 1.0)
        wished = [low + (one - low) * spare for one, low in zip(wished, least, strict=True)]
    return [round(one, 2) for one in wished]


def _unbroken(column: tuple[str, ...], *, many: bool) -> float:
    """Return the width that a column can't do without, its head first: three characters, a run that is not broken, and its
    cells whole where all are short; among many columns a moment may be broken after its day."""
    run = max(width(word) for cell in column for word in re.split(r"[\s\u2e80-\uffff]+", cell))
    parts = [part for cell in column[1:] for part in (re.split("(?<=日)", cell) if many else [cell])]
    whole = max(map(width, parts), default=0.0)
    return max(3.0, run, whole if whole + INSET <= SHORT else 0.0)
