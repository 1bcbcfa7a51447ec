"""What we send is valid by schema and text, reads back equal, and what breaks a rule is refused with every reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.warning.formats import cap
from anlan.warning.formats.cap import house
from tests.warning.cap.messages import ALERT, INFO, change, with_area, with_info

# Without what XML can't hold: it is left out in writing, and what stood beside it may be a blank then.
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
WORDS = st.text(LETTERS, min_size=1).map(str.strip).filter(bool)


def test_every_element_is_written_in_its_place_and_read_back() -> None:
    sent = cap.write(ALERT)
    assert cap.schema().validate(etree.fromstring(sent))
    assert cap.read(sent).alert == ALERT
    assert b"<?xml version='1.0' encoding='UTF-8'?>" in sent


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(cap.CapError) as refused:
        cap.write(change(ALERT, identifier="a b", status="x", infos=(change(INFO, urgency="Now"),)))
    assert [one.path for one in refused.value.findings] == [
        "/alert/identifier", "/alert/status", "/alert/info[1]/urgency",
    ]  # fmt: skip
    assert "identifier" in str(refused.value)


def test_what_only_the_schema_knows_is_refused_too() -> None:
    with pytest.raises(cap.CapError) as refused:
        cap.write(with_info(categories=()))
    assert [one.code for one in refused.value.findings] == ["schema"]


@given(st.text(), st.text())
def test_any_text_stays_valid_xml(headline: str, instruction: str) -> None:
    sent = cap.write(with_info(headline=f"h{headline}", instruction=f"i{instruction}"))
    assert cap.schema().validate(etree.fromstring(sent))


@given(
    st.builds(
        cap.Info,
        event=WORDS, urgency=st.sampled_from(["Past", "Future"]), severity=st.just("Minor"), certainty=st.just("Likely"),
        categories=st.lists(st.sampled_from(["Met", "Geo"]), min_size=1).map(tuple),
        headline=st.none() | WORDS, contact=st.none() | WORDS,
        parameters=st.lists(st.builds(cap.Coded, WORDS, WORDS), max_size=3).map(tuple),
        areas=st.lists(st.builds(cap.Area, WORDS, polygons=st.just(("0,0 0,1 1,1 0,0",))), max_size=2).map(tuple),
    )
)  # fmt: skip
def test_what_is_written_is_what_is_read(info: cap.Info) -> None:
    sent = cap.write(change(ALERT, infos=(info,)))
    root = etree.fromstring(sent)
    again = cap.read(sent).alert
    assert again is not None
    assert cap.write(again) == sent
    assert len(again.infos[0].parameters) == len(info.parameters)
    assert cap.schema().validate(root)


@pytest.mark.parametrize(
    ("code", "alert"),
    [
        ("house_text", with_info(headline=" ")),
        ("house_instruction", with_info(instruction=None)),
        ("house_expires", with_info(expires=None)),
        ("house_expires", with_info(expires="2021-07-19T21:00:00+08:00")),
        ("house_area", with_info(areas=())),
        ("house_area", with_area(polygons=(), circles=(), geocodes=())),
        ("house_info", change(ALERT, infos=())),
        ("house_exercise", change(ALERT, status="Exercise", note=" ")),
    ],
)
def test_our_own_messages_must_let_somebody_act(code: str, alert: cap.Alert) -> None:
    assert house.check(ALERT) == ()
    assert [one.code for one in house.check(alert)] == [code]
