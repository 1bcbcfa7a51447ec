"""Identifiers: every published and synthetic test value, and the columns against the scalars."""

from __future__ import annotations

import string

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.territory.engine import identifier_columns as many
from anlan.territory.engine import identifiers as one

PUBLIC = ("914403001922038216", "9144030071526726XG", "91330100799655058B", "91110000802100433B", "91350100M000100Y43")
SYNTHETIC = ("91410182MAANLAN12H", "91371702MAANL0A20H", "91410105MAANL0B35M")


@pytest.mark.parametrize("code", [*PUBLIC, *SYNTHETIC])
def test_good_credit_codes(code: str) -> None:
    assert one.uscc_fault(code) == ""
    assert one.org_check(code[8:16]) == code[16]
    assert one.uscc_check(code[:17]) == code[17]


@pytest.mark.parametrize(("code", "last"), list(zip(SYNTHETIC, "JJN", strict=True)))
def test_a_wrong_check_character_is_found(code: str, last: str) -> None:
    assert one.uscc_fault(code[:17] + last) == "uscc.check"


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_are_not_used(letter: str) -> None:
    assert one.uscc_fault("9141018" + letter + "MAANLAN12H") == "uscc.letter"


def test_the_rest_of_a_credit_code() -> None:
    assert one.uscc_fault("91410182MAANLAN12") == "uscc.length"
    assert one.uscc_fault("91410182maanlan12h") == "uscc.letter"  # normalised first
    assert one.uscc_normal(" 9141 0182-ｍaanlan１２h　") == "91410182MAANLAN12H"
    assert one.uscc_fault("914403001922038272") == "uscc.precision"  # what a spreadsheet makes of ...8216
    code = "914101820000000019"
    body = code[:8] + "00000000" + "7"  # a wrong check inside the organisation code, the outer one right
    assert one.uscc_fault(body + one.uscc_check(body)) == "uscc.org_check"
    body = "84" + "410182" + "MAANLAN12"
    assert one.uscc_fault(body + one.uscc_check(body)) == "uscc.kind"


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440524188001010014", "410182190001010013", "410105190012319996"]
)
def test_good_citizen_numbers(number: str) -> None:
    assert one.citizen_fault(number) == ""
    assert one.citizen_check(number[:17]) == number[17]


def test_citizen_numbers_that_can_not_be() -> None:
    assert one.citizen_fault("37170219000229001X") == "citizen.date"  # 1900 was no leap year
    assert one.citizen_fault("110105194912310021") == "citizen.check"
    assert one.citizen_fault("110105491231002") == "citizen.old"
    assert one.citizen_fault("1101051949123100") == "citizen.length"
    assert one.citizen_fault("1101051949X231002X") == "citizen.letter"
    assert one.citizen_fault(one.citizen_normal("１１０１０５１９４９１２３１００２ｘ")) == ""


def test_what_a_citizen_number_tells_and_shows() -> None:
    assert one.citizen_male("410182190001010013")
    assert not one.citizen_male("11010519491231002X")
    assert one.citizen_mask("410182190001010013") == "4101**********0013"
    kept = one.citizen_hash("410182190001010013", "key")
    assert len(kept) == 64
    assert kept != one.citizen_hash("410182190001010013", "other")


@pytest.mark.parametrize(
    ("text", "stored", "kind"),
    [
        ("13800138000", "13800138000", "mobile"),
        ("138 0013 8000", "13800138000", "mobile"),
        ("１３８００１３８０００", "13800138000", "mobile"),
        ("+86 138-0013-8000", "+8613800138000", "mobile"),
        ("0086 13800138000", "+8613800138000", "mobile"),
        ("05305612345", "0530-5612345", "landline"),
        ("（0530）5612345", "0530-5612345", "landline"),
        ("010-12345678", "01012345678", ""),
        ("010-62345678", "010-62345678", "landline"),
        ("+86 10 62345678", "010-62345678", "landline"),
        ("10000000001", "10000000001", "exercise"),
        ("110", "110", "short"),
        ("12350", "12350", "short"),
        ("12379", "12379", "short"),
    ],
)
def test_telephones(text: str, stored: str, kind: str) -> None:
    assert one.phone_normal(text) == stored
    assert one.phone_kind(stored) == kind
    assert (one.phone_fault(stored) == "") == bool(kind)


def test_telephones_that_are_none() -> None:
    assert one.phone_fault("1380013800") == "phone.length"
    assert one.phone_fault("12345678901") == "phone.form"
    assert one.phone_fault("13800138000/张") == "phone.letter"
    assert one.phone_fault("99") == "phone.form"


TEXTS = st.one_of(
    st.sampled_from([*PUBLIC, *SYNTHETIC, "11010519491231002X", "37170219000229001X", "13800138000", "0530-5612345"]),
    st.text(string.digits + string.ascii_uppercase, min_size=9, max_size=19),
    st.text(min_size=1, max_size=20),
    st.text(string.digits, min_size=18, max_size=18),
    st.text(string.digits, min_size=11, max_size=11),
)


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=30))
def test_columns_say_what_the_scalars_say(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    for run, normal, fault in (
        (many.uscc_column, one.uscc_normal, one.uscc_fault),
        (many.citizen_column, one.citizen_normal, one.citizen_fault),
        (many.phone_column, one.phone_normal, one.phone_fault),
    ):
        values, faults = run(column)
        wanted = [None if text is None else normal(text) for text in texts]
        assert values.to_pylist() == wanted
        assert faults == {row: code for row, text in enumerate(wanted) if text is not None and (code := fault(text))}


def test_a_slice_of_a_column_is_read_at_its_own_place() -> None:
    column = pa.array(["x", *PUBLIC, "91410182MAANLAN12J"]).slice(3)
    values, faults = many.uscc_column(column)
    assert values.to_pylist() == [*PUBLIC[2:], "91410182MAANLAN12J"]
    assert faults == {3: "uscc.check"}
