"""A paper before it is in one language: each text said in both, so that neither can hold a fact the other lacks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from anlan.response.engine.paper import Block, Card, Form, Number, Paper, Paragraph, Table
from anlan.response.engine.text import Words

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNVERIFIED, CONTRADICTED = "unverified", "contradicted"
MARKS = {
    UNVERIFIED: Words("（未核实）", " (unverified)"),
    CONTRADICTED: Words("（说法不一，正在核实）", " (accounts differ; being verified)"),
}
LABELS = {UNVERIFIED: ("未核实", "unverified"), CONTRADICTED: ("说法不一", "accounts differ")}


class Para(msgspec.Struct, frozen=True):
    """A paragraph in both languages; a `mark` is printed behind its words. A source is named as it names itself, unless
    `source_en` says it in English."""

    text: Words
    level: int = 0
    key: str = ""
    as_of: str = ""
    source: str = ""
    mark: str = ""
    source_en: str = ""


class Grid(msgspec.Struct, frozen=True):
    """A table in both languages."""

    title: Words
    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    key: str = ""


class PostCard(msgspec.Struct, frozen=True):
    """A post's card in both languages."""

    post: Words
    trigger: Words
    lines: tuple[Words, ...]
    calls: tuple[Words, ...]
    never: tuple[Words, ...]
    where: Words
    address: str = ""
    key: str = ""


class Issuer(msgspec.Struct, frozen=True):
    """Who a paper goes out from: the organ's full name, its name in the masthead, the word of its numbers, whom it tells."""

    name: Words
    masthead: Words
    word: str
    copies: tuple[Words, ...] = ()
    addressee: Words = Words("", "")
    office: Words = Words("", "")


class Draft(msgspec.Struct, frozen=True):
    """A paper in both languages."""

    form: Form
    issuer: Issuer
    title: Words
    blocks: tuple[Para | Grid | PostCard, ...]
    urgency: Words = Words("", "")
    note: Words = Words("", "")
    attachments: tuple[Words, ...] = ()
    seal: bool = True


def bodies(draft: Draft) -> dict[str, Paper]:
    """Return the paper in each language: {"zh", "en"}."""
    return {"zh": _told(draft, "zh"), "en": _told(draft, "en")}


def _told(draft: Draft, language: Literal["zh", "en"]) -> Paper:
    def say(words: Words) -> str:
        return words.zh if language == "zh" else words.en

    who = draft.issuer
    return Paper(
        form=draft.form, language=language, organ=say(who.masthead), title=say(draft.title), number=Number(who.word),
        urgency=say(draft.urgency), addressee=say(who.addressee) if draft.form in ("document", "letter") else "",
        blocks=tuple(_block(each, language) for each in draft.blocks), signed_by=say(who.name), note=say(draft.note),
        attachments=tuple(say(each) for each in draft.attachments), cc=tuple(say(each) for each in who.copies),
        printer=say(who.office) if draft.form == "document" else "", seal=draft.seal,
    )  # fmt: skip


def _block(of: Para | Grid | PostCard, language: str) -> Block:
    def say(words: Words) -> str:
        return words.zh if language == "zh" else words.en

    if isinstance(of, Para):
        mark = say(MARKS[of.mark]) if of.mark else ""
        text = say(of.text)
        stop = text[-1:] if mark and text[-1:] in "。." else ""
        return Paragraph(
            text.removesuffix(stop) + mark + stop if mark else text, of.level, of.key, of.as_of,
            of.source if language == "zh" else of.source_en or of.source, of.mark,
        )  # fmt: skip
    if isinstance(of, Grid):
        rows = tuple(tuple(say(cell) for cell in row) for row in of.rows)
        return Table(tuple(say(cell) for cell in of.head), rows, say(of.title), of.key)
    return Card(
        say(of.post), say(of.trigger), tuple(map(say, of.lines)), tuple(map(say, of.calls)), tuple(map(say, of.never)),
        say(of.where), of.address, of.key,
    )  # fmt: skip


def moment(at: datetime | None, *, year: bool = False) -> Words:
    """Return a moment to the minute, in the zone it is given in: 7月20日16时30分 · 20 Jul 16:30."""
    if at is None:
        return Words("时间不详", "time unknown")
    zh = f"{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"
    en = f"{at.day} {MONTHS[at.month - 1]}{f' {at.year}' if year else ''} {at:%H:%M}"
    return Words(f"{at.year}年{zh}" if year else zh, en)


def joined(parts: Iterable[Words], zh: str = "，", en: str = ", ") -> Words:
    """Put words in a row."""
    found = [part for part in parts if part.zh or part.en]
    return Words(zh.join(part.zh for part in found), en.join(part.en for part in found))


def amount(value: float | None) -> str:
    """A number as it is read: without a trailing nought."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")
