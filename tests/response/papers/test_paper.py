"""The paper as a value: numbers, days, headings, the break of a title, and hostile text that must never raise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anlan.response.engine.paper import (
    FORMS,
    Card,
    Number,
    Paper,
    Paragraph,
    Table,
    day_text,
    facts,
    lines,
    marker,
    number_text,
    numeral,
)  # fmt: skip
from anlan.response.engine.paper_bounds import MOST_ALL, body_of, clean, paper_of, settled
from anlan.response.engine.paper_shape import (
    ACROSS,
    INSET,
    TITLE_SQUARES,
    column_shares,
    signature_indents,
    title_lines,
    width,
)
from anlan.response.formats.gbt9704_docx import paper_docx, text_of
from anlan.response.formats.gbt9704_pdf import paper_pdf
from tests.response.papers.samples import notice

TEXT = st.text(alphabet=st.characters(), max_size=60)
BLOCKS = st.one_of(
    st.builds(Paragraph, text=TEXT, level=st.integers(-3, 9)),
    st.builds(Table, head=st.lists(TEXT, max_size=15).map(tuple),
              rows=st.lists(st.lists(TEXT, max_size=5).map(tuple), max_size=4).map(tuple), title=TEXT),
    st.builds(Card, post=TEXT, trigger=TEXT, lines=st.lists(TEXT, max_size=3).map(tuple), address=TEXT),
)  # fmt: skip
PAPERS = st.builds(
    Paper, form=st.sampled_from(FORMS), language=st.sampled_from(["zh", "en"]), organ=TEXT, title=TEXT,
    number=st.builds(Number, word=TEXT, year=st.integers(0, 9999), serial=st.integers(-5, 10**7)), copy_no=st.integers(-9, 10**9),
    secrecy=TEXT, secrecy_period=TEXT, signers=st.lists(TEXT, max_size=3).map(tuple), addressee=TEXT,
    blocks=st.lists(BLOCKS, max_size=4).map(tuple), attachments=st.lists(TEXT, max_size=3).map(tuple), signed_by=TEXT,
    dated=st.one_of(st.none(), st.dates()), note=TEXT, cc=st.lists(TEXT, max_size=2).map(tuple), printer=TEXT,
    present=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
)  # fmt: skip


def test_numbers_and_days_are_written_as_the_standard_says() -> None:
    assert number_text(Number("豫应急", 2026, 1)) == "豫应急〔2026〕1号"
    assert number_text(Number("", 2026, 12), form="order") == "第12号"
    assert number_text(Number("快报", 2026, 3), form="bulletin") == "第3期"
    assert number_text(Number()) == ""
    assert "0" not in number_text(Number("豫应急", 2026, 0)).replace("2026", "")
    assert day_text(date(2026, 7, 2)) == "2026年7月2日"
    assert day_text(date(2026, 7, 2), "en") == "2 July 2026"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (100, "100")]
)
def test_chinese_numerals(count: int, text: str) -> None:
    assert numeral(count) == text


def test_headings_count_anew_under_each_heading_above() -> None:
    blocks = tuple(Paragraph("x", level=n) for n in (1, 2, 3, 4, 4, 3, 2, 3, 1, 2))
    found = [line.text for line in lines(notice(blocks=blocks)) if line.role.startswith("h")]
    assert found == ["一、x", "（一）x", "1.x", "（1）x", "（2）x", "2.x", "（二）x", "1.x", "二、x", "（一）x"]
    assert marker(2, 3, "en") == "(c) "


def test_a_title_breaks_into_even_lines_between_words() -> None:
    assert title_lines("郑州市防汛抗旱指挥部关于启动防汛Ⅰ级应急响应的通知") == [
        "郑州市防汛抗旱指挥部",
        "关于启动防汛Ⅰ级应急响应的通知",
    ]
    assert title_lines("郑州市防汛抗旱指挥部关于将暴雨洪涝应急响应由Ⅰ级调整至Ⅱ级的通知") == [
        "郑州市防汛抗旱指挥部",
        "关于将暴雨洪涝应急响应",
        "由Ⅰ级调整至Ⅱ级的通知",
    ]
    assert title_lines("二七区京广北路隧道被淹4人死亡2人受伤，正在处置")[1].startswith("4人死亡")
    assert title_lines("短标题") == ["短标题"]
    assert title_lines("") == []


@given(st.text(alphabet="郑州市防汛《》，的关于通知2021 AB", max_size=120))
def test_a_broken_title_is_the_whole_title(title: str) -> None:
    found = title_lines(title)
    assert "".join(found) == title
    assert all(width(line) <= TITLE_SQUARES + 8 for line in found[:-1])


def test_a_moment_is_not_broken_in_a_table_beside_long_columns() -> None:
    row = (
        "须水街道1号下穿隧道值守员等2个岗位",
        "停运：地铁全线停止载客，列车停靠车站清客，关闭出入口",
        "7月19日22时31分",
        "《突发事件应对法》（2024年修订）第七十三条第二项",
    )
    shares = column_shares(Table(("单位", "任务", "时限", "依据"), (row,)))
    assert sum(shares) == pytest.approx(ACROSS, abs=0.1)
    assert shares[2] >= width(row[2]) + INSET
    assert min(shares) > 4


def test_no_column_is_narrower_than_its_numbers() -> None:
    head = (
        "单位",
        "受灾人口",
        "因灾死亡人口",
        "因灾失踪人口",
        "紧急转移安置人口（累计）",
        "倒塌房屋间数",
        "直接经济损失",
        "报送时间",
    )
    rows = (("郑州航空港经济综合实验区", "—", "—", "—", "—", "—", "—", "未报"),
            ("巩义市", "1,234,567", "1", "—", "—", "—", "—", "7月20日17时05分"))  # fmt: skip
    shares = column_shares(Table(head, rows))
    across = [share * ACROSS / sum(shares) for share in shares]
    assert across[1] >= width("1,234,567") + 0.9
    assert across[7] >= width("17时05分") + 0.9  # a moment stands in two lines among so many columns
    assert min(across) >= 3.9


def test_the_organ_stands_over_the_day() -> None:
    organ, day = signature_indents("郑州市应急管理局", "2021年7月20日")
    assert day == 4.0
    assert organ + width("郑州市应急管理局") / 2 == pytest.approx(day + width("2021年7月20日") / 2)
    assert signature_indents("甲" * 40, "2021年7月20日")[0] == 2.0


@given(TEXT, st.integers(1, 60))
@example("甲" * 39 + " 乙", 40)  # cut behind a space
def test_cleaned_text_is_printable_and_stays_so(text: str, most: int) -> None:
    found = clean(text, most)
    assert clean(found, most) == found
    assert len(found) <= most
    assert all(ord(c) >= 0x20 and not 0xD800 <= ord(c) <= 0xDFFF for c in found)


def test_too_much_is_cut_not_refused() -> None:
    big = notice(blocks=tuple(Paragraph("安" * 30_000) for _ in range(60)))
    assert sum(len(block.text) for block in settled(big).blocks if isinstance(block, Paragraph)) <= MOST_ALL


@settings(max_examples=25)
@given(PAPERS)
def test_hostile_papers_are_written_and_agree(paper: Paper) -> None:
    whole = settled(paper)
    assert settled(whole) == whole
    assert paper_of(msgspec.json.decode(msgspec.json.encode(body_of(whole)))) == whole
    written = text_of(paper_docx(paper))
    at = 0
    for text in facts(whole):
        plain = "".join(text.split())
        while at < len(written) and "".join(written[at].split()) != plain:
            at += 1
        assert at < len(written), (text, written)
        at += 1


@settings(max_examples=20)
@given(paper=PAPERS)
def test_hostile_papers_are_set(fonts: list[Path], paper: Paper) -> None:
    assert paper_pdf(paper, fonts=fonts).startswith(b"%PDF")


@pytest.mark.parametrize(
    "body", [None, 3, {}, {"form": "x"}, {"form": "document", "language": "zh", "organ": 1, "title": ""}]
)
def test_what_is_no_paper_is_refused_in_words(body: object) -> None:
    with pytest.raises(ValueError):
        paper_of(body)
