"""The report as JSON, figure and PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from anlan.kernel.problem import Unavailable
from anlan.response.formats.fonts import FILES, built_folder, font_folders
from anlan.review.engine.report import report
from anlan.review.formats.figure import track_figure
from anlan.review.formats.report import localised, report_pdf
from tests.review import storm

SCENARIO = {
    "name": "zhengzhou-2021",
    "title": {"zh": "郑州“7·20”特大暴雨", "en": "The Zhengzhou rainstorm of 20 July 2021"},
    "seed": 7, "profile": "tiny", "state": "done",
}  # fmt: skip
JOURNAL = {"head": 40, "digest": "40:" + "ab" * 32}


def sample() -> dict[str, Any]:
    return report(storm.record(), storm.entries(), span=storm.SPAN, journal=JOURNAL, scenario=SCENARIO)


def test_the_report_is_plain_json_and_repeats() -> None:
    assert json.dumps(sample(), ensure_ascii=False) == json.dumps(sample(), ensure_ascii=False)
    assert {row["nature"] for row in sample()["natures"]} == {"real", "reconstructed", "simulated"}
    assert sample()["counts"]["answers"] == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figure_is_well_formed_and_names_the_delay(language: str) -> None:
    figure = track_figure(sample(), language=language)
    root = etree.fromstring(figure.encode())
    assert "style" not in figure  # pages allow no inline style
    words = "".join(root.itertext())
    assert ("18 小时 31 分" if language == "zh" else "18 h 31 min") in words


def test_a_report_without_span_has_no_figure() -> None:
    assert track_figure({"span": {}}, language="zh") == ""


def test_localised_gives_one_language_and_local_times() -> None:
    from zoneinfo import ZoneInfo

    value = {
        "a": {"zh": "一", "en": "one"},
        "at": "2021-07-20T08:30:00+00:00",
        "f": [{"seq": 1, "zh": "二", "en": "two"}],
    }
    local = localised(value, "en", ZoneInfo("Asia/Shanghai"))
    assert local["a"] == "one"
    assert local["at"] == "07-20 16:30"
    assert local["f"][0]["text"] == "two"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pdf_is_set_with_its_own_fonts(language: str) -> None:
    pdf = report_pdf(sample(), language=language, fonts=font_folders(own=""))
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 20_000


def test_the_fonts_hold_every_character_of_gb_2312_and_the_names_of_the_province() -> None:
    from fontTools.ttLib import TTFont

    wanted = {chr(c) for c in _gb2312()} | set("ⅠⅡⅢⅣ滍酂酇苲蚳昣泘邘溵→≥≤·")
    for name in FILES:
        have = {chr(code) for code in TTFont(built_folder() / name).getBestCmap()}
        assert wanted - have == set()


def _gb2312() -> set[int]:
    found = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found


def test_without_fonts_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        font_folders(own="", built=tmp_path)
    assert "./anlan build" in refused.value.en


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        report_pdf(sample(), language="fr", fonts=[])
