"""Papers from outside made safe to print: texts cleaned, everything within bounds, JSON read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from anlan.response.engine.paper import Block, Paper, Paragraph, Table

MOST_BLOCKS: Final = 2_000
MOST_TEXT: Final = 20_000
MOST_LINE: Final = 300
MOST_ROWS: Final = 400
MOST_COLUMNS: Final = 12
MOST_ALL: Final = 400_000


def clean(text: object, most: int = MOST_TEXT) -> str:
    """Return text that may be printed: no control characters, lone surrogates, non-characters or turns of direction; one
    space for any run of white space; at most `most` characters."""
    words = str(text)[: 4 * most]
    kept = "".join(" " if c.isspace() else c for c in words if c.isspace() or _printable(ord(c)))
    return " ".join(kept.split())[:most].rstrip()


def _printable(code: int) -> bool:
    if code < 0x20 or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:
        return False
    return not (0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in (0xFEFF, 0x200B, 0x2028, 0x2029)
                or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF)  # fmt: skip


def settled(paper: Paper) -> Paper:
    """Return the paper with every text clean and all within the bounds: what is too much is cut, never an error."""
    left = MOST_ALL
    blocks: list[Block] = []
    for block in paper.blocks[:MOST_BLOCKS]:
        made = _settle(block)
        if isinstance(made, Paragraph) and not made.text:
            continue
        left -= _size(made)
        if left < 0:
            break
        blocks.append(made)
    line = {name: clean(getattr(paper, name), MOST_LINE) for name in (
        "organ", "title", "secrecy", "secrecy_period", "urgency", "addressee", "signed_by", "signed_post", "note", "printer",
    )}  # fmt: skip
    return msgspec.structs.replace(
        paper, **line, blocks=tuple(blocks), number=msgspec.structs.replace(paper.number, word=clean(paper.number.word, 40)),
        signers=_texts(paper.signers, 12), attachments=_texts(paper.attachments, 60), cc=_texts(paper.cc, 60),
        present=tuple((clean(kind, 40), clean(names, 2000)) for kind, names in paper.present[:12]),
        copy_no=max(0, min(int(paper.copy_no), 999_999)),
    )  # fmt: skip


def _texts(values: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(text for value in values[:most] if (text := clean(value, MOST_LINE)))


def _settle(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return msgspec.structs.replace(block, text=clean(block.text), level=max(0, min(4, block.level)))
    if isinstance(block, Table):
        head = tuple(clean(cell, MOST_LINE) for cell in block.head[:MOST_COLUMNS])
        width = max(1, len(head))
        rows = tuple(
            tuple(clean(cell, 600) for cell in (*row[:width], *("",) * (width - len(row))))
            for row in block.rows[:MOST_ROWS]
        )
        return msgspec.structs.replace(block, head=head or ("",), rows=rows, title=clean(block.title, MOST_LINE))
    return msgspec.structs.replace(
        block, post=clean(block.post, 80), trigger=clean(block.trigger, 400), where=clean(block.where, 200),
        address=clean(block.address, 200), lines=_texts(block.lines, 8), calls=_texts(block.calls, 6),
        never=_texts(block.never, 5),
    )  # fmt: skip


def _size(block: Block) -> int:
    if isinstance(block, Paragraph):
        return len(block.text) + 1
    if isinstance(block, Table):
        return sum(len(cell) + 1 for row in block.rows for cell in row) + 1
    return 500


def paper_of(body: Any) -> Paper:
    """Return the paper a JSON value holds. Raises ValueError where it holds none; texts are settled."""
    try:
        return settled(msgspec.convert(body, Paper))
    except msgspec.ValidationError as fault:
        raise ValueError(str(fault)) from fault


def body_of(paper: Paper) -> dict[str, Any]:
    """Return the JSON value of a paper, as the table keeps it."""
    value: dict[str, Any] = msgspec.to_builtins(paper)
    return value
