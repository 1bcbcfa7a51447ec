"""A paper as a form: its blocks side by side in both languages, and back again. What the record filled in travels signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.core import signing
from django.http import QueryDict

from anlan.kernel.problem import Invalid
from anlan.response.engine.paper import Block, Number, Paper, Paragraph, lines
from anlan.response.engine.paper_bounds import body_of, paper_of, settled
from anlan.response.engine.paper_compare import by_hand
from anlan.response.pages.forms import day_of, key_given
from anlan.response.services.papers import Of
from anlan.response.services.papers_filled import Filled, Source

SALT = "anlan.paper"
LANGUAGES = ("zh", "en")
TEXTS = (
    "title",
    "addressee",
    "organ",
    "signed_by",
    "signed_post",
    "note",
    "secrecy",
    "secrecy_period",
    "urgency",
    "printer",
)
LISTS = ("signers", "attachments", "cc")
MOST_BLOCKS = 400


class Carried(NamedTuple):
    """What the form carries beside its fields."""

    kind: str
    built: dict[str, Paper]
    division: str
    of: Of
    as_of: datetime


def source_of(asked: QueryDict) -> Source:
    """What a paper is to be filled from, as an address names it. Invalid for what is no id or day."""
    return Source(
        **{name: key_given(name, asked.get(name)) for name in ("incident", "level", "order", "disaster")},
        plan=asked.get("plan", "")[:64], division=asked.get("division", "")[:12], day=day_of("day", day) if (day := asked.get("day", "")) else None,
    )  # fmt: skip


def carried(kind: str, filled: Filled) -> str:
    """The signed text that travels in the form."""
    of = filled.of
    return signing.dumps({
        "kind": kind, "built": {key: body_of(filled.bodies[key]) for key in LANGUAGES}, "division": filled.division,
        "incident": str(of.incident or ""), "level": str(of.level or ""), "other": of.other, "as_of": filled.as_of.isoformat(),
    }, salt=SALT, compress=True)  # fmt: skip


def carried_back(text: str) -> Carried:
    """What the form carried; Invalid when it was not ours or was changed."""
    try:
        held: dict[str, Any] = signing.loads(text, salt=SALT, max_age=7 * 86_400)
    except signing.BadSignature:
        raise Invalid(code="paper.form", zh="表单已失效；请重新打开。", en="The form is no longer valid; open it again.", field="carried",
                      value="") from None  # fmt: skip
    of = Of(
        UUID(held["incident"]) if held["incident"] else None,
        UUID(held["level"]) if held["level"] else None,
        held["other"],
    )
    built = {key: paper_of(held["built"][key]) for key in LANGUAGES}
    return Carried(held["kind"], built, held["division"], of, datetime.fromisoformat(held["as_of"]))


def fields_of(bodies: Mapping[str, Paper], built: Mapping[str, Paper]) -> dict[str, Any]:
    """The form's values: {parts, rows}; each row a block in both languages, with what people changed of it."""
    hands = {key: by_hand(built[key], bodies[key]) for key in LANGUAGES}
    rows = []
    for n, (zh, en) in enumerate(zip(bodies["zh"].blocks, bodies["en"].blocks, strict=False)):
        rows.append({
            "n": n, "text": isinstance(zh, Paragraph), "level": getattr(zh, "level", 0), "zh": _words(zh), "en": _words(en),
            "source": {"zh": getattr(zh, "source", ""), "en": getattr(en, "source", "")}, "mark": getattr(zh, "mark", ""),
            "block_zh": zh, "block_en": en,
            "hand": hands["zh"].get(n) or hands["en"].get(n) or "",
        })  # fmt: skip
    parts = {name: {key: getattr(bodies[key], name) for key in LANGUAGES} for name in TEXTS}
    parts |= {name: {key: "；".join(getattr(bodies[key], name)) for key in LANGUAGES} for name in LISTS}
    return {"parts": parts, "rows": rows, "form": bodies["zh"].form, "copy_no": bodies["zh"].copy_no or ""}


def _words(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else ""


def posted(form: QueryDict, base: Mapping[str, Paper]) -> dict[str, Paper]:
    """The paper as the form gives it, in both languages; what it doesn't show (tables, cards) comes from `base`."""
    return {key: settled(_posted(form, base[key], key)) for key in LANGUAGES}


def _posted(form: QueryDict, base: Paper, language: str) -> Paper:
    blocks: list[Block] = []
    for n, block in enumerate(base.blocks[:MOST_BLOCKS]):
        if form.get(f"drop_{n}"):
            continue
        if isinstance(block, Paragraph) and f"b{n}_{language}" in form:
            text = str(form[f"b{n}_{language}"]).replace("\r", " ").replace("\n", " ").strip()
            if text and text != block.text:
                block = msgspec.structs.replace(block, text=text, level=_level(form.get(f"level_{n}"), block.level))
            elif text:
                block = msgspec.structs.replace(block, level=_level(form.get(f"level_{n}"), block.level))
            else:
                continue
        blocks.append(block)
    for text in form.get(f"add_{language}", "").splitlines():
        if text.strip():
            blocks.append(Paragraph(text.strip()))
    changed: dict[str, Any] = {name: form.get(f"{name}_{language}", getattr(base, name)) for name in TEXTS}
    for name in LISTS:
        if f"{name}_{language}" in form:
            split = str(form[f"{name}_{language}"]).replace(";", "；").split("；")
            changed[name] = tuple(text.strip() for text in split if text.strip())
    number = Number(form.get("word", base.number.word), base.number.year, 0)
    copy = form.get("copy_no", "")
    return msgspec.structs.replace(
        base, blocks=tuple(blocks), number=number, copy_no=int(copy) if copy.isascii() and copy.isdigit() and len(copy) < 7 else 0, **changed
    )  # fmt: skip


def _level(text: str | None, level: int) -> int:
    return int(text) if text in ("0", "1", "2", "3", "4") else level


def sheet(paper: Paper, hands: Mapping[int, str] | None = None) -> dict[str, Any]:
    """What the page shows of a paper as printed: its lines, each told whether people wrote it."""
    printed, place, found = lines(settled(paper)), -1, []
    for line in printed:
        hand = ""
        if line.role in ("body", "h1", "h2", "h3", "h4", "table", "card"):
            place += 1
            hand = (hands or {}).get(place, "")
        block = line.block if line.block is not None else None
        found.append({"role": line.role, "text": line.text, "block": block, "hand": hand})
    return {"lines": found, "form": paper.form, "language": paper.language, "drill": paper.drill,
            "said": {line["role"]: line["text"] for line in found}}  # fmt: skip
