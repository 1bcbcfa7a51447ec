"""CAP 1.2: what we send is valid by schema and text; what breaks a rule is refused with every reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.warning.formats import cap
from anlan.warning.formats.cap_values import CapAlert, CapArea, CapError, CapInfo, Coded, Reference

BEIJING = timezone(timedelta(hours=8))
SENT = datetime(2021, 7, 19, 21, 59, 0, tzinfo=BEIJING)
SQUARE = ((113.0, 34.0), (113.5, 34.0), (113.5, 34.5), (113.0, 34.0))
INFO = CapInfo(
    language="zh-CN",
    category="Met",
    event="暴雨",
    urgency="Immediate",
    severity="Extreme",
    certainty="Observed",
    headline="暴雨红色预警",
    description="未来三小时降雨将达100毫米以上",
    instruction="立即到高处避险",
    expires=SENT + timedelta(hours=3),
    response_types=("Shelter",),
    event_codes=(Coded("GB/T35965.1", "11B03"),),
    parameters=(Coded("colour", "red"),),
    areas=(CapArea("巩义市", (SQUARE,), (Coded("GB/T2260", "410181"),)),),
)
ALERT = CapAlert(
    "41010041600000_20210719215900_0",
    "41010041600000",
    SENT,
    "Actual",
    "Alert",
    (
        INFO,
        replace(
            INFO,
            language="en",
            event="Rainstorm",
            headline="Red rainstorm warning",
            description="100 mm in three hours",
            instruction="Shelter high up now",
        ),
    ),
)


def fields_at_fault(alert: CapAlert) -> set[str]:
    with pytest.raises(CapError) as refused:
        cap.write(alert)
    return {fault.field for fault in refused.value.faults}


def test_what_we_write_is_valid_and_reads_back_equal() -> None:
    raw = cap.write(ALERT)
    assert cap.schema().validate(etree.fromstring(raw))
    assert cap.read(raw) == ALERT


def test_sent_has_no_fraction_and_never_z() -> None:
    assert cap.instant(datetime(2021, 7, 19, 13, 59, 0, 123456, tzinfo=UTC)) == "2021-07-19T13:59:00-00:00"
    assert cap.instant(SENT.replace(microsecond=5)) == "2021-07-19T21:59:00+08:00"
    with pytest.raises(CapError):
        cap.instant(datetime(2021, 7, 19))


@pytest.mark.parametrize("bad", ["", "a b", "a,b", "a<b", "a&b", "a\n"])
def test_forbidden_characters_in_identifier_and_sender(bad: str) -> None:
    assert fields_at_fault(replace(ALERT, identifier=bad)) == {"identifier"}
    assert fields_at_fault(replace(ALERT, sender=bad)) == {"sender"}


def test_update_needs_an_earlier_message_other_than_itself() -> None:
    assert "references" in fields_at_fault(replace(ALERT, msg_type="Update"))
    itself = Reference(ALERT.sender, ALERT.identifier, SENT)
    assert "references" in fields_at_fault(replace(ALERT, msg_type="Update", references=(itself,)))
    later = Reference(ALERT.sender, "x", SENT + timedelta(seconds=1))
    assert "references" in fields_at_fault(replace(ALERT, msg_type="Update", references=(later,)))
    first = Reference(ALERT.sender, "first", SENT - timedelta(hours=1))
    update = replace(ALERT, msg_type="Update", references=(first,))
    assert b"41010041600000,first,2021-07-19T20:59:00+08:00" in cap.write(update)
    assert cap.read(cap.write(update)) == update


def test_an_exercise_names_itself() -> None:
    assert fields_at_fault(replace(ALERT, status="Exercise")) == {"note"}
    assert b"<status>Exercise</status>" in cap.write(replace(ALERT, status="Exercise", note="drill 7"))


def test_an_alert_without_instruction_or_area_is_refused() -> None:
    assert "info[zh-CN].instruction" in fields_at_fault(replace(ALERT, infos=(replace(INFO, instruction=" "),)))
    assert "info[zh-CN].area" in fields_at_fault(replace(ALERT, infos=(replace(INFO, areas=()),)))


@pytest.mark.parametrize(
    "ring", [SQUARE[:3], (*SQUARE[:3], (113.1, 34.1)), ((190.0, 34.0), *SQUARE[1:3], (190.0, 34.0))]
)
def test_a_bad_ring_is_refused(ring: tuple[tuple[float, float], ...]) -> None:
    info = replace(INFO, areas=(CapArea("x", (ring,)),))
    assert "info[zh-CN].area.polygon" in fields_at_fault(replace(ALERT, infos=(info,)))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        b"<alert/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        cap.write(ALERT).replace(b"2021-07-19T21:59:00+08:00</sent>", b"2021-07-19T13:59:00Z</sent>"),
        cap.write(ALERT).replace(b"34.00000,113.00000", b"...", 1),
        b"x" * (cap.MAX_BYTES + 1),
    ],
)
def test_what_is_no_cap_message_is_refused(raw: bytes) -> None:
    with pytest.raises(CapError):
        cap.read(raw)


@given(st.text(), st.text())
def test_any_text_stays_valid_xml(headline: str, instruction: str) -> None:
    info = replace(INFO, headline=f"h{headline}", instruction=f"i{instruction}")
    raw = cap.write(replace(ALERT, infos=(info,)))
    assert cap.schema().validate(etree.fromstring(raw))


@given(st.binary(max_size=300))
def test_hostile_bytes_are_refused_not_raised_over(raw: bytes) -> None:
    with pytest.raises(CapError):
        cap.read(raw)
