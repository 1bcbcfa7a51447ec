"""The printed paper measured against GB/T 9704-2012: page, margins, grid, rule, numbers, parts in their places."""

from __future__ import annotations

import itertools
import re
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from anlan.response.engine.paper import Number, Paragraph, Table, facts
from anlan.response.engine.paper_bounds import settled
from anlan.response.formats.gbt9704_docx import measures, paper_docx, text_of
from anlan.response.formats.gbt9704_pdf import paper_pdf
from tests.response.papers.measure import pages, red_rules, rows, size, words
from tests.response.papers.samples import BODY, card, flash, notice

TOP, LEFT, WIDE, HIGH = 37.0, 28.0, 156.0, 225.0


@pytest.fixture(scope="module")
def printed(fonts: list[Path]) -> bytes:
    return paper_pdf(notice(), fonts=fonts)


def test_a_page_is_a4_with_22_lines_of_28_characters_between_the_margins(printed: bytes) -> None:
    assert size(printed) == pytest.approx((210, 297), abs=0.2)
    body = rows(pages(printed)[1], TOP - 2, TOP + HIGH + 1)
    assert len(body) == 22
    full = [row for row in body if len(row) == 28]
    assert len(full) > 12
    for row in full:
        assert row[0].left == pytest.approx(LEFT, abs=1.0)
        assert row[-1].right <= LEFT + WIDE + 1.0
        assert row[-1].right >= LEFT + WIDE - 1.5
    middles = [(row[0].top + row[0].bottom) / 2 for row in body]
    steps = [b - a for a, b in itertools.pairwise(middles)]
    assert all(step == pytest.approx(HIGH / 22, abs=0.25) for step in steps)
    assert middles[0] == pytest.approx(TOP + 16 * 25.4 / 72 / 2, abs=1.2)


def test_head_stands_where_the_standard_puts_it(printed: bytes) -> None:
    first = rows(pages(printed)[0], 30, 262)
    texts = [words(row) for row in first]
    assert texts[:3] == ["000012", "内部★1年", "特急"]
    masthead = next(row for row in first if words(row) == "郑州市防汛抗旱指挥部文件")
    middle = (masthead[0].left + masthead[-1].right) / 2
    assert middle == pytest.approx(LEFT + WIDE / 2, abs=1.5)
    number = next(row for row in first if words(row).startswith("郑防指"))
    assert words(number) == "郑防指〔2021〕7号签发人：指挥长"
    rules = red_rules(printed)
    assert len(rules) == 1
    top, left, right = rules[0]
    assert (left, right) == pytest.approx((LEFT, LEFT + WIDE), abs=0.6)
    baseline = number[0].top + (number[0].bottom - number[0].top) * 0.88
    assert 3.0 <= top - baseline <= 8.0


def test_page_numbers_stand_outside_with_dashes(printed: bytes) -> None:
    sheets = pages(printed)
    for n, sheet in enumerate(sheets, 1):
        foot = rows(sheet, TOP + HIGH + 3, 297)
        assert [words(row) for row in foot] == [f"—{n}—"]
        square = WIDE / 28
        if n % 2:
            assert foot[0][-1].right == pytest.approx(LEFT + WIDE - square, abs=1.5)
        else:
            assert foot[0][0].left == pytest.approx(LEFT + square, abs=1.5)
        dash = foot[0][0]
        assert (dash.top + dash.bottom) / 2 == pytest.approx(TOP + HIGH + 7, abs=1.2)


def test_headings_are_numbered_and_the_day_has_four_characters_to_its_right(printed: bytes) -> None:
    everything = [words(row) for sheet in pages(printed) for row in rows(sheet, 30, 262)]
    heads = [text for text in everything if re.match(r"^(一、|二、|（一）|（二）|1\.第|（1）)", text)]
    assert heads == [
        "一、响应要求",
        "（一）组织指挥",
        "（二）转移避险",
        "1.第一批转移",
        "（1）低洼院落",
        "二、信息报送",
    ]
    last = rows(pages(printed)[-1], 30, 262)
    day = next(row for row in last if words(row) == "2021年7月20日")
    assert day[-1].right == pytest.approx(LEFT + WIDE - 4 * WIDE / 28, abs=1.5)
    organ = next(row for row in last if words(row) == "郑州市防汛抗旱指挥部")
    assert (organ[0].left + organ[-1].right) / 2 == pytest.approx((day[0].left + day[-1].right) / 2, abs=1.5)
    imprint = [words(row) for row in last][-2:]
    assert imprint == [
        "抄送：省防汛抗旱指挥部，市委办公厅，市政府办公厅。",
        "郑州市防汛抗旱指挥部办公室2021年7月20日印发",
    ]
    assert last[-1][0].bottom == pytest.approx(TOP + HIGH, abs=3)


@pytest.mark.parametrize("form", ["document", "letter", "order", "minutes"])
def test_docx_and_pdf_hold_the_same_facts_in_the_same_order(form: str, fonts: list[Path]) -> None:
    paper = notice(form=form)
    wanted = facts(settled(paper))
    assert text_of(paper_docx(paper)) == wanted
    _in_order(paper_pdf(paper, fonts=fonts), wanted)


def test_a_bulletin_is_one_page_and_its_two_files_agree(fonts: list[Path]) -> None:
    file = paper_pdf(flash(), fonts=fonts)
    assert len(pages(file)) == 1
    wanted = facts(settled(flash()))
    assert text_of(paper_docx(flash())) == wanted
    _in_order(file, wanted)


def test_english_is_plain_and_holds_the_same_number_of_facts(fonts: list[Path]) -> None:
    paper = notice(
        language="en", organ="Flood Control Headquarters", title="Level I flood response", signers=("Commander",)
    )
    wanted = facts(settled(paper))
    assert len(wanted) == len(facts(settled(notice())))
    assert text_of(paper_docx(paper)) == wanted
    assert len(pages(paper_pdf(paper, fonts=fonts))) >= 1


def test_each_card_is_one_side_of_a4_with_its_code(fonts: list[Path]) -> None:
    paper = notice(form="cards", blocks=(card(), card("水库值守员"), card("地铁值班站长")))
    sheets = pages(paper_pdf(paper, fonts=fonts))
    assert len(sheets) == 3
    assert all("立即关闭隧道入口" in words(sheet) for sheet in sheets)


def test_the_docx_carries_the_grid(printed: bytes) -> None:
    found = measures(paper_docx(notice()))
    assert found["page"] == pytest.approx((210, 297), abs=0.2)
    assert found["margins"] == pytest.approx((37, 26, 35, 28), abs=0.2)
    assert 22.0 <= found["lines"] < 22.2
    assert 28.0 <= found["characters"] < 28.1


def test_the_signature_never_stands_alone_on_a_page(fonts: list[Path]) -> None:
    for lines in range(9, 30, 2):
        blocks = tuple(Paragraph(BODY[:20]) for _ in range(lines))
        sheets = pages(paper_pdf(notice(blocks=blocks, attachments=(), copy_no=0), fonts=fonts))
        texts = [[words(row) for row in rows(sheet, 30, 262)] for sheet in sheets]
        signed = next(sheet for sheet in texts if "2021年7月20日" in sheet)
        assert any(text.startswith(BODY[:10]) for text in signed), (lines, signed)


def test_the_signature_goes_with_the_last_lines_of_a_table(fonts: list[Path]) -> None:
    for count in (1, 3, 9, 14, 19):
        table = Table(("单位", "任务"), tuple((BODY[:4], BODY[:12]) for _ in range(count)), "任务清单")
        sheets = pages(paper_pdf(notice(blocks=(table,), attachments=(), copy_no=0), fonts=fonts))
        texts = [[words(row) for row in rows(sheet, 30, 262)] for sheet in sheets]
        signed = next(sheet for sheet in texts if any("2021年7月20日" in text for text in sheet))
        assert any(BODY[:4] in text for text in signed), (count, signed)
        assert sum(text.count(BODY[:4]) for sheet in texts for text in sheet) >= count


def test_the_number_has_hexagonal_brackets_and_no_leading_zero(fonts: list[Path]) -> None:
    file = paper_pdf(notice(number=Number("豫应急", 2026, 1), dated=date(2026, 1, 2)), fonts=fonts)
    text = pdfium.PdfDocument(file)[0].get_textpage().get_text_range()
    assert "豫应急〔2026〕1号" in text.replace(" ", "")


def _in_order(file: bytes, wanted: list[str]) -> None:
    """Every text stands in the PDF, each after the one before (page numbers apart)."""
    flat = "".join(re.sub(r"—\d+—", "", "".join(words(row) for row in rows(sheet, 0, 262))) for sheet in pages(file))
    at = 0
    for text in wanted:
        plain = re.sub(r"\s", "", text)
        found = flat.find(plain, at)
        assert found >= 0, (text, flat[at : at + 80])
        at = found + len(plain)
