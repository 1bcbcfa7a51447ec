"""An official paper (公文) as one value: what GB/T 9704-2012 says it consists of, in the order it stands on the page.

Both writers, PDF and docx, print the same `lines`; so they can't hold different facts. Pure: no clock, no files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

Form = Literal["document", "letter", "order", "minutes", "bulletin", "cards"]
FORMS: Final[tuple[Form, ...]] = ("document", "letter", "order", "minutes", "bulletin", "cards")
NUMERALS: Final = "一二三四五六七八九"


class Number(msgspec.Struct, frozen=True):
    """A document number (发文字号): `word` of the organ, year, serial. Serial 0: not numbered yet."""

    word: str = ""
    year: int = 0
    serial: int = 0


class Paragraph(msgspec.Struct, frozen=True, tag="text"):
    """A paragraph. `level` 0 body, 1–4 heading (一、（一）1.（1）); `key` says which fact of the record filled it, `as_of` and
    `source` of which moment and from whom; `mark`: unverified or contradicted."""

    text: str
    level: int = 0
    key: str = ""
    as_of: str = ""
    source: str = ""
    mark: str = ""


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A table: a head, rows of cells, and its title above. Rows may be shorter than the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    key: str = ""


class Card(msgspec.Struct, frozen=True, tag="card"):
    """A post's card (岗位响应卡), one side of A4: what it is for, numbered lines, whom to call, an address as QR code."""

    post: str
    trigger: str = ""
    lines: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    where: str = ""
    address: str = ""
    key: str = ""


Block = Paragraph | Table | Card


class Paper(msgspec.Struct, frozen=True):
    """A paper in one language. Texts are plain; dates are days; `number` of an order is 第N号, of a bulletin its issue.

    organ: 发文机关标志; copy_no 份号; secrecy with period 密级和保密期限; urgency 紧急程度; signers 签发人; addressee 主送机关;
    attachments 附件; signed_by 发文机关署名; dated 成文日期; note 附注; cc 抄送机关; printer, printed 印发机关和印发日期;
    seal: the place is kept free for it (印章); present: who attended, by kind (纪要 出席、请假、列席).
    """

    form: Form
    language: Literal["zh", "en"]
    organ: str
    title: str
    number: Number = Number()
    copy_no: int = 0
    secrecy: str = ""
    secrecy_period: str = ""
    urgency: str = ""
    signers: tuple[str, ...] = ()
    addressee: str = ""
    blocks: tuple[Block, ...] = ()
    attachments: tuple[str, ...] = ()
    signed_by: str = ""
    signed_post: str = ""
    dated: date | None = None
    seal: bool = True
    note: str = ""
    present: tuple[tuple[str, str], ...] = ()
    cc: tuple[str, ...] = ()
    printer: str = ""
    printed: date | None = None
    drill: bool = False


class Line(msgspec.Struct, frozen=True):
    """One thing as it is printed: its role on the page, its text; `block` where it is a table or a card."""

    role: str
    text: str
    block: Table | Card | None = None


def number_text(number: Number, *, form: Form = "document", language: str = "zh") -> str:
    """Return 郑应急〔2026〕1号 (hexagonal brackets, no leading zero), 第1号 of an order, 第1期 of a bulletin; the serial is a
    blank while there is none."""
    serial = str(number.serial) if number.serial > 0 else "    "
    if not (number.word or number.serial):
        return ""
    if language == "en":
        names = {"order": "Order No. ", "bulletin": "Issue No. ", "minutes": "Minutes No. "}
        year = f" ({number.year})" if number.year else ""
        return f"{names[form]}{serial.strip() or '—'}{year}" if form in names else (
            f"{number.word} [{number.year or '—'}] No. {serial.strip() or '—'}"
        )  # fmt: skip
    if form == "order":
        return f"第{serial}号"
    return f"第{serial}期" if form in ("bulletin", "minutes") else f"{number.word}〔{number.year or '    '}〕{serial}号"


def day_text(day: date | None, language: str = "zh") -> str:
    """Return 2026年7月20日 (Arabic numerals, no leading zero: GB/T 9704 §7.3.5.3), or 20 July 2026."""
    if day is None:
        return ""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
    return f"{day.day} {months[day.month - 1]} {day.year}"


def numeral(count: int) -> str:
    """Return a count in Chinese numerals, 1 to 99; Arabic beyond."""
    if not 1 <= count <= 99:
        return str(count)
    tens, ones = divmod(count, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十"
    return head + (NUMERALS[ones - 1] if ones else "")


def marker(level: int, count: int, language: str = "zh") -> str:
    """Return the number of a heading of the structure 一、（一）1.（1）."""
    if language == "en":
        return {1: f"{count}. ", 2: f"({chr(96 + (count - 1) % 26 + 1)}) ", 3: f"{count}) ", 4: f"({count}) "}[level]
    return {1: f"{numeral(count)}、", 2: f"（{numeral(count)}）", 3: f"{count}.", 4: f"（{count}）"}[level]


def lines(paper: Paper) -> list[Line]:
    """Return what stands on the page, in order; both writers print exactly this. `paper` should be `settled`."""
    return [line for line in (*_head(paper), *_body(paper), *_foot(paper)) if line.text or line.block is not None]


def _head(paper: Paper) -> Iterator[Line]:
    zh, end = paper.language == "zh", "：" if paper.language == "zh" else ":"
    kept = f"{paper.secrecy}★{paper.secrecy_period}" if paper.secrecy and paper.secrecy_period else paper.secrecy
    corner = [line for line in (
        Line("copy_no", f"{paper.copy_no:06d}" if paper.copy_no else ""), Line("secrecy", kept),
        Line("urgency", paper.urgency),
    ) if line.text]  # fmt: skip
    organ = Line("organ", paper.organ)
    number = Line("number", number_text(paper.number, form=paper.form, language=paper.language))
    if paper.form == "letter":  # the masthead is above; the number stands at the right of the first line under it
        yield from (organ, *corner[:1], number, *corner[1:])
    elif paper.form in ("order", "cards"):
        yield from (organ, number)
    else:
        yield from (*corner, organ, number)
        yield Line(
            "signers", (("签发人：" if zh else "Signed by: ") + "　".join(paper.signers)) if paper.signers else ""
        )
    if paper.form == "bulletin":
        yield Line("signed_by", paper.signed_by)
        yield Line("dated", day_text(paper.dated, paper.language))
    yield Line("title", paper.title)
    ended = paper.addressee.endswith(end)
    yield Line("addressee", paper.addressee if ended or not paper.addressee else paper.addressee + end)
    for kind, names in paper.present:
        yield Line("present", f"{kind}{end}{names}")


def _body(paper: Paper) -> Iterator[Line]:
    counts = [0, 0, 0, 0, 0]
    for block in paper.blocks:
        if isinstance(block, Card):
            yield Line("card", block.post, block)
        elif isinstance(block, Table):
            yield Line("table", block.title, block)
        elif block.level == 0:
            yield Line("body", block.text)
        elif block.text:
            counts[block.level] += 1
            counts[block.level + 1 :] = [0] * (4 - block.level)
            yield Line(f"h{block.level}", marker(block.level, counts[block.level], paper.language) + block.text)


def _foot(paper: Paper) -> Iterator[Line]:
    zh = paper.language == "zh"
    label = "附件：" if zh else "Attachment: "
    if len(paper.attachments) == 1:
        yield Line("attachment", label + paper.attachments[0])
    for count, name in enumerate(paper.attachments, 1):
        if len(paper.attachments) > 1:
            yield Line(
                "attachment", f"{label if count == 1 else ('　　　' if zh else '')}{count}.{'' if zh else ' '}{name}"
            )
    yield Line("signed_post", paper.signed_post)
    if paper.form != "bulletin":
        yield Line("signed_by", paper.signed_by)
        yield Line("dated", day_text(paper.dated, paper.language))
    yield Line("note", (f"（{paper.note}）" if zh else f"({paper.note})") if paper.note else "")
    yield Line(
        "cc", ("抄送：" + "，".join(paper.cc) + "。" if zh else "Copies to: " + "; ".join(paper.cc)) if paper.cc else ""
    )
    day = day_text(paper.printed, paper.language)
    yield Line("printer", paper.printer)
    yield Line("printed", (f"{day}印发" if zh else f"Printed {day}") if day and paper.printer else "")


def facts(paper: Paper) -> list[str]:
    """Return every text of a settled paper in the order of the page, cells one by one: what the files are compared by."""
    found: list[str] = []
    for line in lines(paper):
        if line.text:
            found.append(line.text)
        if isinstance(line.block, Table):
            found += [cell for row in (line.block.head, *line.block.rows) for cell in row if cell]
        elif isinstance(line.block, Card):
            card = line.block
            found += [text for text in (card.trigger, *card.lines, *card.calls, *card.never, card.where) if text]
    return found
