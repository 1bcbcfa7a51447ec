"""What python-docx has no words for: grid, East Asian fonts, indents in characters, borders, fields, a table at the foot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from anlan.response.engine.paper import Table

ACROSS_PT: Final = 156 / 25.4 * 72 / 28
DOWN_PT: Final = 225 / 25.4 * 72 / 22
LATIN: Final = "Times New Roman"
FANG, BIAO, HEI, KAI, SONG = "仿宋", "方正小标宋简体", "黑体", "楷体", "宋体"
CENTRE, RIGHT, LEFT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY,
)  # fmt: skip
# name: font, size, alignment, first line in characters, lines free before and after
SHAPES: Final = {
    "份号": (FANG, 16, LEFT, 0, 0, 0), "密级": (HEI, 16, LEFT, 0, 0, 0), "发文机关标志": (BIAO, 46, CENTRE, 0, 1, 1),
    "发文字号": (FANG, 16, LEFT, 0, 0, 0), "公文标题": (BIAO, 22, CENTRE, 0, 2, 1), "主送机关": (FANG, 16, LEFT, 0, 0, 0),
    "公文正文": (FANG, 16, BOTH, 2, 0, 0), "一级标题": (HEI, 16, LEFT, 2, 0, 0), "二级标题": (KAI, 16, LEFT, 2, 0, 0),
    "三级标题": (FANG, 16, LEFT, 2, 0, 0), "四级标题": (FANG, 16, LEFT, 2, 0, 0), "表题": (HEI, 14, CENTRE, 0, 0, 0),
    "表内文字": (FANG, 12, LEFT, 0, 0, 0), "附件说明": (FANG, 16, LEFT, 2, 0, 0), "发文机关署名": (FANG, 16, RIGHT, 0, 0, 0),
    "成文日期": (FANG, 16, RIGHT, 0, 0, 0), "附注": (FANG, 16, LEFT, 2, 0, 0), "版记": (FANG, 14, LEFT, 0, 0, 0),
    "页码": (SONG, 14, LEFT, 0, 0, 0),
}  # fmt: skip
PLAIN: Final = {"发文机关标志": 15, "公文标题": 18, "一级标题": 13}
SETTLED: Final = ("一级标题", "二级标题", "三级标题", "四级标题", "表题")


def qualified(name: str) -> str:
    """Return the full name of `w:…`."""
    return str(qn(name))


def _child(parent: Any, name: str, **values: str) -> Any:
    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    parent.append(made)
    return made


def page_set(doc: Doc, *, zh: bool, drill: bool) -> None:
    """Lay out the page: A4; 天头 37, 订口 28 mm, 版心 156 × 225 mm on its grid, page number outside; English plain."""
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, right, bottom, left = (37, 26, 35, 28) if zh else (24, 25, 24, 25)
    section.top_margin, section.right_margin = Mm(top), Mm(right)
    section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
    section.footer_distance = Mm(25 if zh else 12)
    doc.settings.odd_and_even_pages_header_footer = zh
    _number(section.footer.paragraphs[0], zh, outer=RIGHT)
    if zh:
        _number(section.even_page_footer.paragraphs[0], zh, outer=LEFT)
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        _child(section._sectPr, "w:docGrid", type="linesAndChars", linePitch=str(int(DOWN_PT * 20)),
               charSpace=str(round((ACROSS_PT - 16) * 4096)))  # fmt: skip
    if drill:
        for header in (section.header, section.even_page_header):
            header.paragraphs[0].text = "演练 · 非真实处置" if zh else "DRILL · not a real operation"
            header.paragraphs[0].alignment = RIGHT


def _number(paragraph: Paragraph, zh: bool, *, outer: Any) -> None:
    """The page's number, — 1 —, one character from the outer edge."""
    paragraph.alignment = outer
    if zh:
        indent(paragraph, right=1.0 if outer == RIGHT else 0.0, left=1.0 if outer == LEFT else 0.0)
    for kind, words in (
        ("", "— " if zh else ""),
        ("begin", ""),
        ("code", " PAGE "),
        ("end", ""),
        ("", " —" if zh else ""),
    ):
        run = paragraph.add_run(words if kind == "" else "")
        font_set(run._element, SONG if zh else LATIN, 14 if zh else 9)
        if kind in ("begin", "end"):
            _child(run._element, "w:fldChar", fldCharType=kind)
        elif kind == "code":
            code = _child(run._element, "w:instrText")
            code.text = words


def font_set(run: Any, font: str, size: float) -> None:
    """Give a run or a style its East Asian and Latin font and size in points."""
    properties = run.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for key, name in (("eastAsia", font), ("ascii", LATIN), ("hAnsi", LATIN)):
        fonts.set(qn(f"w:{key}"), name)
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    for name in ("w:sz", "w:szCs"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
        _child(properties, name, val=str(round(size * 2)))


def styles_set(doc: Doc, *, zh: bool) -> None:
    """Make the named styles; `Normal` is 3号仿宋, which the grid counts its characters by."""
    normal = doc.styles["Normal"]
    font_set(normal.element, FANG, 16 if zh else 11)
    normal.paragraph_format.space_after = Pt(0)
    for name, (font, size, align, first, before, after) in SHAPES.items():
        style = doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = normal, True
        font_set(style.element, font, size if zh else PLAIN.get(name, 11 if name != "表内文字" else 9.5))
        shape = style.paragraph_format
        shape.space_before, shape.space_after = Pt(before * DOWN_PT if zh else 0), Pt(after * DOWN_PT if zh else 6)
        shape.alignment = align if zh or align == RIGHT else LEFT
        shape.keep_with_next = name in SETTLED
        if not zh:
            style.font.bold = name in (*SETTLED, "公文标题", "发文机关标志")
        if first and zh:
            indent(style, first=first)


def indent(of: Any, *, first: float = 0.0, left: float = 0.0, right: float = 0.0) -> None:
    """Indent a paragraph or a style by characters of the grid."""
    properties = (of._element if isinstance(of, Paragraph) else of.element).get_or_add_pPr()
    found = properties.get_or_add_ind()
    for key, count in (("firstLine", first), ("left", left), ("right", right)):
        if count:
            found.set(qn(f"w:{key}Chars"), str(round(count * 100)))
            found.set(qn(f"w:{key}"), str(round(count * ACROSS_PT * 20)))


def two_sides(paragraph: Paragraph, texts: Sequence[str], *, centred: bool) -> None:
    """Put one text in the middle, or two at the left and right edge, a character inside."""
    if centred:
        paragraph.alignment = CENTRE
        paragraph.add_run(texts[0])
        return
    indent(paragraph, left=1.0, right=1.0)
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156) - Pt(ACROSS_PT), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run("\t".join(texts))


def rule_below(paragraph: Paragraph, *, double: bool = False) -> None:
    """Draw the red rule (红色分隔线) 4 mm below a paragraph; the double one of a letter."""
    borders = _child(paragraph._element.get_or_add_pPr(), "w:pBdr")
    _child(borders, "w:bottom", val="thickThinSmallGap" if double else "single", sz="18" if double else "12", space="11",
           color="D40000")  # fmt: skip


def table_add(doc: Doc, block: Table, shares: Sequence[float]) -> None:
    """A table across the page, its head repeated on every page."""
    table = doc.add_table(rows=0, cols=len(block.head), style="Table Grid")
    table.autofit = False
    whole = sum(shares) or 1.0
    for n, words in enumerate((block.head, *block.rows)):
        row = table.add_row()
        for cell, text, share in zip(row.cells, words, shares, strict=False):
            cell.width = Mm(156 * share / whole)
            paragraph = cell.paragraphs[0]
            paragraph.style = doc.styles["表内文字"]
            run = paragraph.add_run(text)
            if n == 0:
                font_set(run._element, HEI, 12)
        if n == 0:
            _child(row._tr.get_or_add_trPr(), "w:tblHeader", val="true")


def imprint_add(doc: Doc, rows: Sequence[Sequence[str]], *, barred: bool) -> None:
    """The imprint as a table at the foot of the page it falls on: thick lines outside, a thin one between."""
    table = doc.add_table(rows=0, cols=1)
    properties = table._tbl.tblPr
    _child(properties, "w:tblpPr", leftFromText="0", rightFromText="0", vertAnchor="margin", horzAnchor="margin",
           tblpXSpec="left", tblpYSpec="bottom")  # fmt: skip
    if barred:
        borders = _child(properties, "w:tblBorders")
        for side, weight in (("top", "8"), ("bottom", "8"), ("insideH", "6")):
            _child(borders, f"w:{side}", val="single", sz=weight, space="0", color="000000")
    for texts in rows:
        cell = table.add_row().cells[0]
        cell.width = Mm(156)
        paragraph = cell.paragraphs[0]
        paragraph.style = doc.styles["版记"]
        two_sides(paragraph, texts, centred=False)


def leading_empty(doc: Doc) -> Iterator[Paragraph]:
    """The empty paragraphs before the first word, which a fresh document may carry."""
    for paragraph in doc.paragraphs:
        if paragraph.text:
            return
        yield paragraph


def paragraph_texts(element: Any) -> list[str]:
    """The texts of a paragraph's XML: two where a tab parts them; line breaks inside a text leave no trace."""
    words = ""
    for node in element.iter():
        if node.tag == qn("w:t"):
            words += node.text or ""
        elif node.tag == qn("w:tab") and node.getparent().tag == qn("w:r"):
            words += "\t"
    return [text for text in words.split("\t") if text]
