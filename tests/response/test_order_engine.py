"""Orders as pure values: who leads, how far they have come, what evidence is owed; what a picture is by its bytes."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.response.engine.order import Part, Receiver, leads_fault, number_of, owed, settled, stage
from anlan.response.formats.images import Picture, picture

STATES = st.sampled_from(["issued", "received", "overdue", "done", "verified", "cancelled"])
PARTS = st.lists(st.builds(Part, state=STATES, receipt_only=st.booleans(), received=st.booleans()), max_size=6)
ORDER = ["draft", "issued", "receipted", "done", "closing", "over"]


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.sampled_from(["order", "request", "instruction"]))
def test_exactly_one_leads(leads: list[bool], kind: str) -> None:
    receivers = [Receiver(str(n), lead) for n, lead in enumerate(leads)]
    assert (leads_fault(kind, receivers) == "") == (sum(leads) == 1)
    assert leads_fault("notice", receivers) == ""
    assert leads_fault(kind, [*receivers, receivers[0]]) == "twice"


@given(PARTS)
def test_an_order_comes_as_far_as_its_last_receiver(parts: list[Part]) -> None:
    left = [part for part in parts if part.state != "cancelled"]
    whole = stage("issued", "order", parts)
    if left:
        assert ORDER.index(whole) == min(ORDER.index(stage("issued", "order", [part])) for part in left)
    assert (whole == "closing") == all(part.received and settled(part) for part in left)
    assert stage("cancelled", "order", parts) == "over"
    assert stage("checked", "order", parts) == "draft"


@given(PARTS, st.integers(0, 5))
def test_called_off_parts_change_nothing(parts: list[Part], where: int) -> None:
    more = [*parts[:where], Part("cancelled", False, False), *parts[where:]]
    assert stage("issued", "order", more) == stage("issued", "order", parts)


def test_numbers_have_no_leading_zeros() -> None:
    assert number_of("order", 2026, 7) == "指令〔2026〕7号"
    assert number_of("instruction", 2026, 120) == "督办〔2026〕120号"


@pytest.mark.parametrize(
    ("asked", "evidence", "missing"),
    [
        ({}, {}, "text"), ({}, {"text": " "}, "text"), ({}, {"text": "x"}, ""), ({}, {"files": ["a"]}, ""),
        ({"photo": True}, {}, "photo"), ({"photo": True}, {"text": "x"}, "photo"), ({"photo": True}, {"files": ["a"]}, ""),
        ({"unit": "人"}, {"text": "x"}, "number"), ({"unit": "人"}, {"text": "x", "number": 0}, ""),
        ({"place": True}, {"text": "x", "lon": 113.0}, "place"), ({"place": True}, {"text": "x", "lon": 0, "lat": 0}, ""),
    ],
)  # fmt: skip
def test_what_evidence_is_owed(asked, evidence, missing) -> None:
    assert owed(asked, evidence) == missing


def png(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    """The head of a JPEG: JFIF segment, then a baseline frame header."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\1\1\0\0\1\0\1\0\0"
    return b"\xff\xd8" + app0 + b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0" + b"\xff\xd9"


@given(st.integers(1, 60000), st.integers(1, 60000))
def test_pictures_tell_their_size(width: int, height: int) -> None:
    assert picture(jpeg(width, height)) == Picture("image/jpeg", width, height)
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(17)
    assert picture(head) == Picture("image/png", width, height)
    if max(width, height) < 1 << 14:
        lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
        assert picture(lossy) == Picture("image/webp", width, height)
        bits = (width - 1) | (height - 1) << 14
        lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", bits)
        assert picture(lossless) == Picture("image/webp", width, height)
    wide = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    assert picture(b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + wide) == Picture("image/webp", width, height)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X"]))
def test_no_bytes_break_it(tail: bytes, head: bytes) -> None:
    found = picture(head + tail)
    assert found is None or (found.width > 0 and found.height > 0)


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(20), b"%PDF-1.7", b""]
)
def test_other_files_are_no_pictures(data: bytes) -> None:
    assert picture(data) is None
