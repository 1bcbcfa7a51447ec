"""A paper as an editable docx in the layout of GB/T 9704-2012: the same lines as the PDF, with named styles on a document
grid of 22 lines by 28 characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_BREAK
from docx.shared import Pt, RGBColor

from anlan.response.engine.paper import Card, Line, Paper, Table, lines
from anlan.response.engine.paper_bounds import settled
from anlan.response.engine.paper_shape import column_shares, signature_indents, title_lines, width
from anlan.response.formats import docx_parts as parts

RED: Final = RGBColor(0xD4, 0x00, 0x00)
# role → style; the masthead, number and imprint are laid out by themselves
STYLES: Final = {
    "copy_no": "份号", "secrecy": "密级", "urgency": "密级", "title": "公文标题", "addressee": "主送机关", "present": "公文正文",
    "body": "公文正文", "h1": "一级标题", "h2": "二级标题", "h3": "三级标题", "h4": "四级标题", "attachment": "附件说明",
    "signed_post": "发文机关署名", "signed_by": "发文机关署名", "dated": "成文日期", "note": "附注",
}  # fmt: skip


def paper_docx(paper: Paper) -> bytes:
    """Return the paper as docx bytes. Any text is taken: what can't be printed is left out."""
    whole = settled(paper)
    zh = whole.language == "zh"
    doc = Document()
    parts.page_set(doc, zh=zh, drill=whole.drill)
    parts.styles_set(doc, zh=zh)
    printed = lines(whole)
    doc.core_properties.title, doc.core_properties.author = whole.title[:250], whole.organ[:250]
    doc.core_properties.comments, doc.core_properties.keywords = "", ""
    day = whole.dated
    doc.core_properties.created = doc.core_properties.modified = datetime(
        day.year if day and day.year >= 1900 else 2000, day.month if day else 1, day.day if day else 1, tzinfo=UTC
    )
    _head(doc, whole, printed)
    _flow(doc, whole, printed)
    _sign(doc, whole, printed)
    _imprint(doc, whole, printed)
    for paragraph in parts.leading_empty(doc):
        doc.element.body.remove(paragraph._element)
    file = BytesIO()
    doc.save(file)
    return file.getvalue()


def _said(printed: Iterable[Line], *roles: str) -> list[str]:
    return [line.text for role in roles for line in printed if line.role == role]


def _head(doc: Doc, paper: Paper, printed: Sequence[Line]) -> None:
    """Corner, masthead, number (with the signer or the bulletin's organ and day beside it), red rule."""
    letter = paper.form == "letter"
    corner = [line for line in printed if line.role in ("copy_no", "secrecy", "urgency")]
    if letter:
        parts.rule_below(_masthead(doc, paper, printed), double=True)
        first = doc.add_paragraph(style="发文字号")
        parts.two_sides(first, [line.text for line in corner[:1]] + _said(printed, "number"), centred=False)
    for line in corner[1:] if letter else corner:
        doc.add_paragraph(line.text, style=STYLES[line.role])
    if not letter:
        _masthead(doc, paper, printed)
        _numbers(doc, paper, printed)
    for text in _said(printed, "title"):
        title = doc.add_paragraph(style=STYLES["title"])
        cut = title_lines(text) if paper.language == "zh" else [text]
        for n, piece in enumerate(cut):
            run = title.add_run(piece)
            if n + 1 < len(cut):
                run.add_break()


def _masthead(doc: Doc, paper: Paper, printed: Sequence[Line]) -> Any:
    made = doc.add_paragraph(style="发文机关标志")
    for words in _said(printed, "organ"):
        run = made.add_run(words)
        if paper.language == "zh":
            run.font.size = Pt(round(min(46.0, 430 / max(1.0, width(words))) * 2) / 2)
            run.font.color.rgb = RED
    return made


def _numbers(doc: Doc, paper: Paper, printed: Sequence[Line]) -> None:
    """The number, with the signer or the bulletin's organ and day beside it, and the red rule."""
    rows: list[list[str]] = [_said(printed, "number", "signers")]
    if paper.form == "bulletin":
        rows.append(_said(printed, "signed_by", "dated"))
    last = None
    for row in rows:
        if row:
            last = doc.add_paragraph(style="发文字号")
            alone = len(row) == 1 and paper.form != "bulletin" and paper.language == "zh"
            parts.two_sides(last, row, centred=alone)
    if last is not None and paper.form not in ("order", "cards"):
        parts.rule_below(last)


def _flow(doc: Doc, paper: Paper, printed: Sequence[Line]) -> None:
    cards = 0
    for line in printed:
        if line.role in ("addressee", "present", "body", "h1", "h2", "h3", "h4", "attachment"):
            paragraph = doc.add_paragraph(style=STYLES[line.role])
            paragraph.add_run(line.text)
        elif isinstance(line.block, Table):
            if line.text:
                doc.add_paragraph(line.text, style="表题")
            parts.table_add(doc, line.block, column_shares(line.block))
        elif isinstance(line.block, Card):
            _card(doc, line.block, paper.language == "zh", cards > 0)
            cards += 1


def _card(doc: Doc, card: Card, zh: bool, page: bool) -> None:
    """A post's card in words; the file is for changing them, its QR code is on the printed one."""
    head = doc.add_paragraph(style="一级标题")
    if page:
        head.add_run().add_break(WD_BREAK.PAGE)
    head.add_run(card.post)
    groups: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("何时启用", "When", [card.trigger]), ("怎么做", "What to do", card.lines), ("报给谁", "Whom to tell", card.calls),
        ("不要做", "What not to do", card.never), ("在哪里", "Where", [card.where]),
    )  # fmt: skip
    for name_zh, name_en, texts in groups:
        if any(texts):
            doc.add_paragraph(name_zh if zh else name_en, style="二级标题")
        for text in texts:
            if text:
                doc.add_paragraph(text, style="公文正文")


def _sign(doc: Doc, paper: Paper, printed: Sequence[Line]) -> None:
    if paper.form != "bulletin":
        by, day = _said(printed, "signed_by"), _said(printed, "dated")
        organ, dated = signature_indents(by[0] if by else "", day[0] if day else "")
        roles = [line for line in printed if line.role in ("signed_post", "signed_by", "dated")]
        for n, line in enumerate(roles):
            made = doc.add_paragraph(line.text, style=STYLES[line.role])
            if paper.language == "zh":
                parts.indent(made, right=dated if line.role == "dated" else organ)
                if n == 0:
                    made.paragraph_format.space_before = Pt((3 if paper.seal else 1) * parts.DOWN_PT)
            made.paragraph_format.keep_with_next = n + 1 < len(roles)
    for text in _said(printed, "note"):
        doc.add_paragraph(text, style=STYLES["note"])


def _imprint(doc: Doc, paper: Paper, printed: Sequence[Line]) -> None:
    """The imprint (版记) at the foot of the last page, between its lines."""
    rows: list[list[str]] = [row for row in (_said(printed, "cc"), _said(printed, "printer", "printed")) if row]
    if rows:
        parts.imprint_add(doc, rows, barred=paper.form != "letter")


def text_of(file: bytes) -> list[str]:
    """Return the texts of a docx in the order they stand in it, cells one by one: what tests and readers compare by."""
    doc = Document(BytesIO(file))
    found: list[str] = []
    for element in doc.element.body.iterchildren():
        if element.tag.endswith("}p"):
            found += parts.paragraph_texts(element)
        elif element.tag.endswith("}tbl"):
            for paragraph in element.iter(parts.qualified("w:p")):
                found += parts.paragraph_texts(paragraph)
    return found


def measures(file: bytes) -> dict[str, Any]:
    """Return the page of a docx in mm and its grid: {page, margins (top, right, bottom, left), lines, characters}."""
    properties = Document(BytesIO(file)).sections[0]._sectPr
    page, edge = properties.find(parts.qualified("w:pgSz")), properties.find(parts.qualified("w:pgMar"))
    grid: Any = properties.find(parts.qualified("w:docGrid"))

    def mm(of: Any, name: str) -> float:
        return int(of.get(parts.qualified(f"w:{name}"))) / 1440 * 25.4

    wide, high = mm(page, "w"), mm(page, "h")
    margins = tuple(mm(edge, side) for side in ("top", "right", "bottom", "left"))
    pitch = int(grid.get(parts.qualified("w:linePitch"))) / 20
    space = int(grid.get(parts.qualified("w:charSpace"), "0")) / 4096
    return {
        "page": (wide, high),
        "margins": margins,
        "lines": (high - margins[0] - margins[2]) / 25.4 * 72 / pitch,
        "characters": (wide - margins[1] - margins[3]) / 25.4 * 72 / (16 + space),
    }
