"""Codes of warnings being written, with Chinese and English label and colour."""

from __future__ import annotations

from typing import Final

from anlan.warning.choices import Choice


def _index(*choices: Choice) -> dict[str, Choice]:
    return {choice.code: choice for choice in choices}


DRAFT_STATES: Final = _index(
    Choice("made", "已制作，待审核", "Made, to be checked", "#b45f06"),
    Choice("checked", "已审核，待签发", "Checked, to be signed", "#2a6f97"),
    Choice("signed", "已签发，待发布", "Signed, to be issued", "#2f6b3c"),
    Choice("issued", "已发布", "Issued", "#2f6b3c"),
    Choice("returned", "已退回", "Sent back", "#8c1c3a"),
    Choice("dropped", "已作废", "Dropped"),
)
OPEN_STATES: Final = ("made", "checked", "signed", "returned")

DRAFT_ACTS: Final = _index(
    Choice("alert", "发布", "New warning"),
    Choice("update", "更新", "Update"),
    Choice("cancel", "解除", "Cancel"),
)

DRAFT_SOURCES: Final = _index(
    Choice("signal", "监测信号", "Signal"),
    Choice("proposal", "预警建议", "Proposal"),
    Choice("received", "收到的预警", "Received alert"),
    Choice("warning", "在效预警", "Warning in force"),
    Choice("none", "自拟", "Own judgement"),
)

# How the area of a warning was given.
AREA_KINDS: Final = _index(
    Choice("divisions", "行政区划", "Divisions"),
    Choice("drawn", "手绘范围", "Drawn"),
    Choice("basin", "流域（片区）", "Basin"),
    Choice("buffer", "周边缓冲区", "Round something"),
    Choice("signal", "信号所在范围", "Of the signal"),
    Choice("received", "收到的预警所述范围", "Of the received alert"),
)

# Whom the words of a warning speak to; the first four always have words of their own, the rest where the pack has.
AUDIENCES: Final = _index(
    Choice("public", "公众", "Public"),
    Choice("officer", "责任人", "Duty holders"),
    Choice("school", "学校", "Schools"),
    Choice("plant", "企业", "Plants"),
    Choice("village", "村（社区）", "Villages"),
    Choice("care_home", "养老机构", "Care homes"),
    Choice("hospital", "医院", "Hospitals"),
    Choice("transit", "隧道与地铁", "Tunnels and metro"),
    Choice("reservoir", "水库", "Reservoirs"),
)

VERDICTS: Final = _index(
    Choice("right", "发布得当", "Rightly issued"),
    Choice("update", "应予更新", "To be updated"),
    Choice("cancel", "应予解除", "To be cancelled"),
)
