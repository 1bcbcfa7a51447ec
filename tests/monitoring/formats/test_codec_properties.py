"""Properties of all codecs: what is written is read again, any chunking gives the same frames, nothing is raised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.monitoring.formats import hj212, influx_line, jt808, sl651
from anlan.monitoring.formats.decoded import CHINA
from anlan.monitoring.formats.hj212_frames import crc
from anlan.monitoring.formats.sl651_frames import MOST_FRAME, START, Cutter, crc16, length_at
from tests.monitoring.formats.frames import ELEMENTS, FACTORS, HJ212, JT808, SL651
from tests.monitoring.formats.senders import element, encode_up

many = settings(max_examples=1500)
some = settings(max_examples=300)
digits = st.text("0123456789", min_size=10, max_size=10)
moments = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)).map(
    lambda at: at.replace(microsecond=0, tzinfo=CHINA)
)
plain_ids = st.sampled_from([code for code, meaning in ELEMENTS.items() if meaning.form == "bcd"])


class Splits(Protocol):
    def feed(self, chunk: bytes) -> list[bytes]: ...
    def flush(self) -> list[bytes]: ...


def pieces(splitter: Splits, stream: bytes, cuts: Iterable[int]) -> list[bytes]:
    found, at = [], 0
    for cut in [*cuts, len(stream)]:
        found += splitter.feed(stream[at : at + cut])
        at += cut
    return found + splitter.feed(stream[at:]) + splitter.flush()


@some
@given(
    digits,
    moments,
    st.lists(st.tuples(plain_ids, st.none() | st.integers(-99_999, 9_999_999)), max_size=40),
    st.integers(0, 0xFFFF),
)
def test_sl651_is_read_as_written(
    station: str, at: datetime, wanted: list[tuple[str, int | None]], serial: int
) -> None:
    body = b"".join(element(code, None if whole is None else whole / 1000, 4, 3) for code, whole in wanted)
    sent = at + timedelta(seconds=40)
    frame = encode_up(station=station, function=0x32, serial=serial, sent_at=sent, groups=[(at, body)])
    found = sl651.decode(frame, ELEMENTS)
    assert (found.station, found.serial, found.sent_at, found.error) == (station, serial, sent, None)
    assert found.at == at.replace(second=0)
    got = [(e.code, None if e.value is None else round(e.value * 1000)) for e in found.elements]
    assert got == wanted


@some
@given(
    st.text("ABCDEF0123456789", min_size=1, max_size=24), moments,
    st.dictionaries(st.sampled_from(sorted(FACTORS)), st.tuples(st.decimals(0, 99999, places=3), st.sampled_from("NFMSDCTB"))),
)  # fmt: skip
def test_hj212_is_read_as_written(station: str, at: datetime, wanted: dict[str, tuple[object, str]]) -> None:
    stamp = at.strftime("%Y%m%d%H%M%S")
    text = ";".join(
        [f"DataTime={stamp}", *(f"{code}-Rtd={value},{code}-Flag={flag}" for code, (value, flag) in wanted.items())]
    )
    head = {"QN": f"{stamp}123", "ST": 32, "CN": 2011, "PW": "123456", "MN": station, "Flag": 5}
    found = hj212.decode(hj212.encode(head, text), FACTORS)
    assert (found.station, found.at, found.error) == (station, at, None)
    assert [(e.code, e.value, e.flag) for e in found.elements] == [
        (c, float(str(v)), f) for c, (v, f) in wanted.items()
    ]


@some
@given(
    st.integers(0, 0xFFFF),
    st.text("0123456789", max_size=12),
    st.integers(0, 0xFFFF),
    st.binary(max_size=1023),
    st.none() | st.just(1),
)
def test_jt808_is_read_as_written(message: int, phone: str, serial: int, body: bytes, version: int | None) -> None:
    header = jt808.Header(message, phone.zfill(12 if version is None else 20), serial, version)
    assert jt808.parse(jt808.encode(header, body)) == (header, body)


STREAMS = [(sl651.Splitter, SL651), (hj212.Splitter, [frame + b"\r\n" for frame in HJ212]), (jt808.Splitter, JT808 * 3)]


@pytest.mark.parametrize(("make", "frames"), STREAMS, ids=["sl651", "hj212", "jt808"])
@some
@given(st.data())
def test_any_chunking_gives_the_same_frames(make: type[Splits], frames: list[bytes], data: st.DataObject) -> None:
    order = data.draw(st.lists(st.sampled_from(frames), min_size=1, max_size=12))
    rubbish = data.draw(st.lists(st.binary(max_size=30), min_size=len(order), max_size=len(order)))
    stream = b"".join(left + frame for left, frame in zip(rubbish, order, strict=True))
    found = pieces(make(), stream, data.draw(st.lists(st.integers(0, 300), max_size=20)))
    sound = [piece for piece in found if piece in {frame.rstrip(b"\r\n") for frame in frames}]
    if make is not jt808.Splitter or not any(b"\x7e" in left for left in rubbish):
        assert sound == [frame.rstrip(b"\r\n") for frame in order]
    assert b"".join(found).translate(None, b"\t\r\n\x0b\x0c\x7e ") == stream.translate(None, b"\t\r\n\x0b\x0c\x7e ")


@pytest.mark.parametrize(("make", "frames"), STREAMS, ids=["sl651", "hj212", "jt808"])
def test_a_lost_byte_costs_one_frame(make: type[Splits], frames: list[bytes]) -> None:
    for at in range(0, len(frames[1]), 7):
        broken = frames[1][:at] + frames[1][at + 1 :]
        found = pieces(make(), frames[0] + broken + frames[0] + frames[0], [])
        assert found.count(frames[0].rstrip(b"\r\n")) >= 2


@many
@given(st.binary(max_size=400))
def test_no_bytes_are_raised_upon(raw: bytes) -> None:
    for found in (sl651.decode(raw, ELEMENTS), hj212.decode(raw, FACTORS), jt808.decode(raw)):
        assert found.crc_ok or (found.error is not None and not found.elements)
    assert sl651.reply(raw, at=datetime(2026, 1, 1, tzinfo=CHINA)) == jt808.reply(raw, serial=1) == b""
    influx_line.parse_lines(raw)


@many
@given(
    st.integers(0, 255),
    st.binary(max_size=300),
    st.booleans(),
    st.sampled_from([2, 0x16]),
    st.sampled_from([3, 5, 0x17]),
)
def test_sl651_bodies_of_any_kind_are_read_or_named(
    function: int, body: bytes, down: bool, start: int, end: int
) -> None:
    length = (0x8000 if down else 0) | len(body)
    head = b"\x7e\x7e" + bytes(8) + bytes([function]) + length.to_bytes(2, "big") + bytes([start])
    frame = head + body + bytes([end])
    found = sl651.decode(frame + crc16(frame).to_bytes(2, "big"), ELEMENTS)
    assert found.crc_ok or found.error is not None
    assert len(found.elements) <= 12 * len(body)


@many
@given(st.binary(max_size=300) | st.text("QN=;,&-CP.0123456789abwRtdFlg", max_size=300).map(str.encode))
def test_hj212_data_of_any_kind_is_read_or_named(data: bytes) -> None:
    for each in (data, b"ST=32;CN=2011;MN=1;CP=&&" + data + b"&&"):
        found = hj212.decode(b"##%04d%s%04X" % (len(each), each, crc(each)), FACTORS)
        assert found.crc_ok
        hj212.reply(found)


@some
@given(st.lists(st.binary(max_size=3000) | st.sampled_from([b"\x7e\x7e", b"##9999", b"\x7e" * 20]), max_size=40))
def test_splitters_hold_little(chunks: list[bytes]) -> None:
    for splitter in (sl651.Splitter(), hj212.Splitter(), jt808.Splitter()):
        for chunk in chunks:
            splitter.feed(chunk)
            assert len(splitter) <= 10_100 if isinstance(splitter, hj212.Splitter) else len(splitter) <= MOST_FRAME
        splitter.flush()
        assert len(splitter) == 0


def test_a_stream_of_starts_costs_little() -> None:
    looked = 0

    def good(frame: bytes) -> bool:
        nonlocal looked
        looked += len(frame)
        return False

    stream = (b"\x7e\x7e" + b"\x03" * 9 + b"\x0f\xff\x02") * 20_000
    cutter = Cutter(START, length_at, good, MOST_FRAME)
    cutter.feed(stream)
    assert looked < Cutter.PURSE + 2 * MOST_FRAME + 2 * len(stream)
    spent = sl651.Splitter()
    spent.feed(stream)
    spent.flush()
    assert spent.feed(SL651[0] + SL651[1]) == SL651[:2]  # and what is sound is still found afterwards
