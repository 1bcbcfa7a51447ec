"""JT/T 808: the published position, both headers, escapes, answers."""

from __future__ import annotations

from datetime import datetime

import pytest

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats import jt808
from anlan.monitoring.formats.decoded import CHINA
from tests.monitoring.formats.frames import JT808, flips
from tests.monitoring.formats.senders import encode_position

AT = datetime(2026, 7, 20, 16, 0, 5, tzinfo=CHINA)


def test_the_published_position() -> None:
    found = jt808.decode(JT808[0])
    assert (found.station, found.function, found.serial, found.error) == ("002002604323", "0x0200", 164, None)
    assert found.at == datetime(2021, 9, 22, 16, 37, 58, tzinfo=CHINA)
    got = {e.code: e.value for e in found.elements}
    assert (got["lat"], got["lon"]) == (22.591771, 113.995873)
    assert (got["altitude"], got["speed"], got["direction"], got["01"]) == (70.0, 0.0, 89.0, 0.1)


def test_every_single_bit_error_is_refused() -> None:
    escaped = encode_position(jt808.Header(0x0200, "013800138000", 0x7D7E), lat=30.0, lon=114.0, at=AT, altitude=0x7E7D)
    for frame in (JT808[0], escaped):
        for damaged in flips(frame):
            found = jt808.decode(damaged)
            assert not found.crc_ok, damaged.hex()
            assert found.elements == ()


@pytest.mark.parametrize("version", [None, 1])
def test_positions_go_there_and_back(version: int | None) -> None:
    phone = "013800138000" if version is None else "00000000013800138000"
    head = jt808.Header(0x0200, phone, 0x7E7D, version)
    found = jt808.decode(encode_position(head, lat=-33.5, lon=-70.25, at=AT, speed=12.5, direction=270, altitude=520))
    got = {e.code: e.value for e in found.elements}
    assert (found.station, found.serial, found.at) == (phone, 0x7E7D, AT)
    assert (got["lat"], got["lon"], got["speed"], got["direction"]) == (-33.5, -70.25, 12.5, 270.0)


def test_a_position_without_a_fix_is_none() -> None:
    frame = jt808.encode(jt808.Header(0x0200, "1", 1), bytes(8) + b"\x01" * 14 + bytes.fromhex("260720160005"))
    got = {e.code: (e.value, e.flag) for e in jt808.decode(frame).elements}
    assert got["lat"] == got["lon"] == (None, "missing")


@pytest.mark.parametrize("message", [0x0001, 0x0002, 0x0100, 0x0102])
def test_the_other_messages_are_recognised(message: int) -> None:
    found = jt808.decode(jt808.encode(jt808.Header(message, "013800138000", 3, part=(1, 2)), b"\x7e\x7dabc"))
    assert (found.function, found.data, found.part, found.error) == (f"0x{message:04X}", b"\x7e\x7dabc", (1, 2), None)
    assert found.reply_wanted == (message != 0x0001)


def test_answers() -> None:
    found = jt808.decode(jt808.reply(JT808[0], serial=9))
    assert (found.function, found.serial, found.data) == ("0x8001", 9, bytes.fromhex("00A4020000"))
    assert jt808.reply(JT808[0][:-2] + b"\0\x7e", serial=9) == b""
    with pytest.raises(Invalid):
        jt808.encode(jt808.Header(2, "x", 1), b"")
