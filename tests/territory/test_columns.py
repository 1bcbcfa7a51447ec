"""Cells and columns: the many ways of writing one value, and what is said of those that are none."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.geo import wgs84_to_gcj02
from anlan.territory.choices import RISK_FLAGS, UNIT_SIZES
from anlan.territory.engine import cells
from anlan.territory.engine.cells import Parsed
from anlan.territory.engine.columns import CHECKS, Known, Reference, check, clean
from anlan.territory.engine.faults import FAULTS, words
from anlan.territory.engine.mapping import distinct, folded, guess, header_row, missing
from anlan.territory.engine.register import Field
from anlan.territory.engine.rows import Plan, take
from anlan.territory.sources.industries import industries
from anlan.territory.sources.registers import register, registers

DAY = date(2024, 1, 5)
DIVISIONS = {"410182109000": "410182109", "410182109": "410182109", "410182109201": "410182109201"}


def explain(text: str) -> Parsed:
    return (
        Parsed("4101", "division.coarse") if text == "410100" else Parsed(None, "division.unknown", {"near": "河南省"})
    )


KNOWN = Known(
    divisions=DIVISIONS, explain=explain, industries=industries(), today=DAY,
    references={"organisation": Reference("机构", "organisation", {"4101.fire": "a" * 32, "4101.gas": "b" * 32},
                                          {"消防": ("4101.fire",), "管理所": ("4101.fire", "4101.gas")})},
)  # fmt: skip


def column(kind: str, texts: list[str | None], **more: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    field = Field("f", "字段", "Field", kind, **more)  # type: ignore[arg-type]
    done = check(field, clean(pa.array(texts, pa.string())), KNOWN)
    return done.values.to_pylist(), [(fault.row, fault.code) for fault in done.faults]


@pytest.mark.parametrize(
    "text",
    ["2024-01-05", "2024/1/5", "2024.1.5", "20240105", "2024年1月5日", "2024年01月05", "2024-01-05 00:00:00",
     "2024-01-05T08:30:00+08:00", "45296", "45296.5", "2024 - 1 - 5"],
)  # fmt: skip
def test_dates_in_many_spellings(text: str) -> None:
    assert cells.date_of(text) == Parsed(DAY)


def test_dates_that_are_none() -> None:
    assert cells.date_of("2024-02-30").fault == "date.real"
    assert cells.date_of("明年").fault == "date.form"
    assert cells.date_of("0001-01-01").fault == "date.range"
    assert cells.date_of("5/1/2024").fault == "date.form"  # which of the two is the month is not guessed
    assert cells.date_of("长期") == Parsed(None)


@given(st.dates(date(1900, 3, 1), date(2173, 1, 1)))
def test_a_date_comes_back_from_every_spelling(day: date) -> None:
    serial = str((day - cells.EXCEL_EPOCH).days)
    for text in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert cells.date_of(text).value == day
    if len(serial) >= 4:
        assert cells.date_of(serial).value == day


def test_numbers() -> None:
    assert column(
        "int", ["1,234", "１２", "35.0", "12人", "1.5", "多", "-1", None, "3000000"], least=0, most=2000000
    ) == (
        [1234, 12, 35, 12, None, None, None, None, None],
        [(4, "number.whole"), (5, "number.form"), (6, "number.range"), (8, "number.range")],
    )
    assert column("float", ["1 234.5", "inf", "nan"])[1] == [(1, "number.form")]  # nan is one of the blanks


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("115.48", 115.48), ("E115.48", 115.48), ("115.48°", 115.48), ("115°28′50″", 115.4805556), ("115度28分50秒", 115.4805556),
     ("东经115°28'50\"", 115.4805556), ("115:28:50", 115.4805556), ("35°14.025′N", 35.23375), ("35°S", -35.0), ("-70.5", -70.5),
     ("70.5W", -70.5)],
)  # fmt: skip
def test_degrees(text: str, degrees: float) -> None:
    assert cells.degrees_of(text).value == pytest.approx(degrees, abs=1e-6)


def test_degrees_that_are_none() -> None:
    for text in ("115°61′", "一百", "115,48", "115.48,35.2"):
        assert cells.degrees_of(text).fault == "degrees.form"


def test_choices_by_code_and_both_labels() -> None:
    values, faults = column(
        "choice", ["small", "小型", "Small", " 小 型 ", "SMALL", "巨型", None], choices="UNIT_SIZES"
    )
    assert values == ["small"] * 5 + [None, None]
    assert faults == [(5, "choice.unknown")]
    told = check(Field("f", "规模", "Size", "choice", choices="UNIT_SIZES"), pa.array(["巨型"]), KNOWN).faults[0]
    said = words(told.code, column="规模", value="巨型", detail=told.detail)
    assert all(choice.zh in said["mend_zh"] for choice in UNIT_SIZES.values())


def test_flags_become_a_mask() -> None:
    order = list(RISK_FLAGS)
    dust, gas = 1 << order.index("dust"), 1 << order.index("gas")
    values, faults = column(
        "flags",
        ["粉尘涉爆；燃气", "粉尘涉爆;gas", "燃气、Explosive dust", "无", "粉尘涉爆，火星"],
        choices="RISK_FLAGS",
    )
    assert values == [dust | gas, dust | gas, dust | gas, 0, None]
    assert faults == [(4, "flags.unknown")]


def test_divisions() -> None:
    values, faults = column(
        "division", ["410182109000", "410182109", "410182109201", "410100", "999999999999", None], required=True
    )
    assert values == ["410182109", "410182109", "410182109201", "4101", None, None]
    assert faults == [(3, "division.coarse"), (4, "division.unknown"), (5, "required")]


def test_industries() -> None:
    values, faults = column("industry", ["C2614", "2614", "c26", "制造业", "C", "Z9999", "F53", "9999", "C9", "餐饮业"])
    assert values == ["C2614", "C2614", "C26", "C", "C", None, None, None, None, "H62"]
    assert faults == [(5, "industry.unknown"), (6, "industry.section"), (7, "industry.unknown"), (8, "industry.form")]
    assert industries().name("C2614")["zh"]
    assert len([code for code in industries().by_code if len(code) == 3]) == 97
    assert len([code for code in industries().by_code if len(code) == 1]) == 20


def test_references_by_code_and_name() -> None:
    values, faults = column("organisation", ["4101.fire", "消防", "管理所", "不存在", None])
    assert values == ["a" * 32, "a" * 32, None, None, None]
    assert faults == [(2, "reference.many"), (3, "reference.unknown")]


def test_texts_and_codes() -> None:
    assert column("text", ["abc", "长" * 11, "a\u200bb", None], most_chars=10)[1] == [
        (2, "text.control"),
        (1, "too_long"),
    ]
    assert column("code", ["ＡＢ１２", "a b", "410182.duty"]) == (["AB12", "a b", "410182.duty"], [(1, "code.form")])
    assert column("text", ["-", "　", "N/A", "无"])[0] == [None, None, None, "无"]


def test_what_was_masked_is_not_taken_for_the_value() -> None:
    assert column("phone", ["138****8000", "13800138000"], sensitive=True)[1] == [(0, "masked")]
    assert column("person", ["张**"], sensitive=True) == ([None], [(0, "masked")])


def batch(**cells_: list[str | None]) -> tuple[pa.RecordBatch, dict[str, int]]:
    arrays = [pa.array(values, pa.string()) for values in cells_.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(cells_)), {name: place for place, name in enumerate(cells_)}


def taken(datum: str = "wgs84", **cells_: list[str | None]) -> Any:
    rows, places = batch(**cells_)
    near = lambda codes: np.array([(113.4, 34.6) if code else (np.nan, np.nan) for code in codes])  # noqa: E731
    return take(Plan(register("units"), places, {}, near, datum=datum), rows, KNOWN)


def test_points() -> None:
    done = taken(
        uscc=["91410182MAANLAN12H"] * 8, name=["甲"] * 8, division=["410182109000"] * 8,
        lon=["113.4", "34.6", "999", "0", "113.4", "122.0", None, "坏"],
        lat=["34.6", "113.4", "34", "0", None, "34.6", None, "34"],
    )  # fmt: skip
    assert sorted((f.row, f.code) for f in done.faults) == [
        (1, "point.swapped"), (2, "point.range"), (3, "point.zero"), (4, "point.half"), (5, "point.outside"), (7, "degrees.form"),
    ]  # fmt: skip
    assert done.values["lon"].to_pylist() == [113.4, None, None, None, None, 122.0, None, None]


def test_another_datum_is_turned_into_wgs84() -> None:
    lon, lat = wgs84_to_gcj02(np.array([113.4]), np.array([34.6]))
    done = taken(
        "gcj02",
        uscc=["91410182MAANLAN12H"],
        name=["甲"],
        division=["410182109000"],
        lon=[str(lon[0])],
        lat=[str(lat[0])],
    )
    assert done.values["lon"].to_pylist() == pytest.approx([113.4], abs=1e-6)
    assert done.values["lat"].to_pylist() == pytest.approx([34.6], abs=1e-6)


def test_keys_of_units() -> None:
    done = taken(
        uscc=["91410182MAANLAN12H", None, None, "坏"], legacy_id=["1", "410100001", None, None],
        name=["甲", "乙", "丙", "丁"], division=["410182109000"] * 4,
    )  # fmt: skip
    assert done.keys.to_pylist() == ["91410182MAANLAN12H", "L:410100001", None, None]
    assert [(f.row, f.code) for f in done.faults] == [(3, "uscc.length"), (2, "key.missing")]


def test_blank_rows_have_no_faults() -> None:
    done = taken(uscc=[None, " "], name=[None, "　"], division=[None, None])
    assert done.blank.tolist() == [True, True]
    assert done.faults == []


def test_headings_find_their_fields() -> None:
    found = register("units")
    header = ["统一社会信用代码 *", "企业名称", "所属区划（12位）", "经营地址", "电 话", "备注", "从业人员数量"]
    mapping = {heading: guessed.field for heading, guessed in guess(found, header).items()}
    assert [mapping[name] for name in header] == ["uscc", "name", "division", "address", "phone", "", "staff"]
    assert missing(found, mapping) == []
    assert [field.name for field in missing(found, {"a": "name"})] == ["division", "uscc"]
    assert header_row(found, [["某市企业台账"], [None], header, ["9141"]]) == 2
    assert distinct(["电话", None, "电话"]) == ["电话", "列2", "电话 (2)"]


@pytest.mark.parametrize("name", [found.name for found in registers()])
def test_every_heading_of_every_register_is_known_and_every_kind_checked(name: str) -> None:
    found = register(name)
    for chinese in (True, False):
        header = [field.heading(chinese) for field in found.importable()]
        mapping = {heading: guessed.field for heading, guessed in guess(found, header).items()}
        assert list(mapping.values()) == [field.name for field in found.importable()]
    assert {field.kind for field in found.importable()} - set(CHECKS) <= {"attributes"}


def test_every_fault_has_words_and_a_remedy_in_both_languages() -> None:
    for code, fault in FAULTS.items():
        assert fault.zh and fault.en and fault.mend_zh and fault.mend_en, code
        told = words(code, column="列", value="值", detail={})
        assert "{" not in "".join(told.values()), code
    assert folded("电 话（必填）*") == "电话"


def test_the_example_row_of_the_template_is_left_out() -> None:
    examples = {field.name: [field.example or None] for field in register("units").importable()}
    done = taken(**examples)
    assert done.blank.tolist() == [True]
    assert [fault.code for fault in done.faults] == ["row.example"]
    assert not taken(**{**examples, "name": ["另一单位"]}).blank.any()
