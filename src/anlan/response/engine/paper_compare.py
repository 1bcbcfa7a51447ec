"""What differs between two contents of a paper: between versions, or between what the record filled in and what people wrote."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from anlan.response.engine.paper import Block, Paper, Paragraph, Table, lines
from anlan.response.engine.paper_bounds import settled

MOST = 3_000


class Part(NamedTuple):
    """A stretch of text that stayed, came or went."""

    how: Literal["same", "new", "gone"]
    text: str


class Row(NamedTuple):
    """One line of the paper beside the line it was: how it changed, and its text in parts."""

    how: Literal["same", "new", "gone", "changed"]
    role: str
    parts: tuple[Part, ...]


def compare(old: Paper, new: Paper) -> list[Row]:
    """Return the lines of the new paper in order with what became of them; lines that went stand where they were."""
    before, after = _lines(old), _lines(new)
    found: list[Row] = []
    match = SequenceMatcher(None, before, after, autojunk=False)
    for how, a1, a2, b1, b2 in match.get_opcodes():
        if how == "equal":
            found += [Row("same", role, (Part("same", text),)) for role, text in before[a1:a2]]
            continue
        gone, come = before[a1:a2], after[b1:b2]
        for (role, text), (_, other) in zip(come, gone, strict=False):
            found.append(Row("changed", role, tuple(_parts(other, text))))
        found += [Row("gone", role, (Part("gone", text),)) for role, text in gone[len(come) :]]
        found += [Row("new", role, (Part("new", text),)) for role, text in come[len(gone) :]]
    return found


def _lines(paper: Paper) -> list[tuple[str, str]]:
    found = []
    for line in lines(settled(paper)):
        if line.text:
            found.append((line.role, line.text))
        if isinstance(line.block, Table):
            found += [("table", " | ".join(row)) for row in (line.block.head, *line.block.rows)]
        elif line.block is not None:
            found += [("card", text) for text in (*line.block.lines, *line.block.calls, *line.block.never)]
    return found


def _parts(old: str, new: str) -> list[Part]:
    if len(old) > MOST or len(new) > MOST:
        return [Part("gone", old), Part("new", new)]
    found: list[Part] = []
    for how, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Part("same", old[a1:a2]))
            continue
        if a2 > a1:
            found.append(Part("gone", old[a1:a2]))
        if b2 > b1:
            found.append(Part("new", new[b1:b2]))
    return found


def by_hand(built: Paper, now: Paper) -> dict[int, str]:
    """Return which blocks of `now` (by place) people wrote or changed: {place: "new" or "changed"}; what the record filled in
    is not there. Blocks are told apart by the fact they hold (`key`) and their text."""
    texts = {_text(block) for block in built.blocks}
    keys = {block.key for block in built.blocks if block.key}
    return {
        n: "changed" if block.key and block.key in keys else "new"
        for n, block in enumerate(now.blocks)
        if _text(block) not in texts
    }


def _text(block: Block) -> tuple[object, ...]:
    if isinstance(block, Paragraph):
        return ("text", block.level, block.text)
    return (block,)
