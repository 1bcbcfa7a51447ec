"""The code tables as shipped: sound, unambiguous, and in step with our own elements and quality codes."""

from __future__ import annotations

import pytest

from anlan.kernel.problem import Invalid
from anlan.monitoring.choices import Quality
from anlan.monitoring.formats import hj212_dialects
from anlan.monitoring.formats.code_table import Table, parse_table
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.formats.sl651 import decode
from anlan.monitoring.services.elements import ELEMENTS as OURS
from tests.monitoring.formats.frames import ELEMENTS, FACTORS, SL651


@pytest.mark.parametrize("table", [ELEMENTS, FACTORS], ids=["sl651", "hj212"])
def test_codes_mean_one_thing(table: Table) -> None:
    for pick in ("symbol", "was"):
        given = [getattr(meaning, pick) for meaning in table.values() if getattr(meaning, pick)]
        assert len(given) == len(set(given))
    ours = [meaning.element for meaning in table.values() if meaning.element]
    assert len(ours) == len(set(ours)) or table is ELEMENTS  # rain_mm comes as 22 and F4
    assert max(map(len, ours)) <= 24
    assert all(meaning.zh and meaning.en for meaning in table.values())


def test_units_are_those_of_our_elements() -> None:
    for meaning in [*ELEMENTS.values(), *FACTORS.values()]:
        if meaning.element in OURS:
            assert meaning.unit == OURS[meaning.element].unit, meaning.element


def test_what_the_samples_carry_is_marked_as_seen() -> None:
    found: list[Decoded] = [decode(frame, ELEMENTS) for frame in SL651]
    seen = {element.code for decoded in found for element in decoded.elements if decoded.function != "35"}
    assert {code for code in seen if ELEMENTS[code].mark != "S"} == {"07"}  # in a frame, but no published meaning


def test_quality_codes_are_the_stage_s() -> None:
    assert (hj212_dialects.GOOD, hj212_dialects.DEVICE) == (Quality.GOOD, Quality.DEVICE)


@pytest.mark.parametrize("text", ["a: [", "table: x", "{table: x, version: '1', source: {}, codes: {'1': {zh: a, en: b, form: odd}}}",
                                  "{table: x, version: '1', source: {}, codes: {'1': {zh: a, en: b, mark: X}}}"])  # fmt: skip
def test_a_broken_table_is_named(text: str) -> None:
    with pytest.raises(Invalid, match=r"some\.yaml"):
        parse_table(text, "some.yaml")
