"""SL 651-2014: the published frames give the published values; what is damaged is not believed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats import sl651
from anlan.monitoring.formats.decoded import CHINA, Decoded
from anlan.monitoring.formats.sl651_build import acknowledge, pack_frame
from anlan.monitoring.formats.sl651_elements import bcd_value
from anlan.monitoring.formats.sl651_frames import ETX, Frame, crc16, parse_frame
from tests.monitoring.formats.frames import ELEMENTS, SL651, flips
from tests.monitoring.formats.senders import element, encode_up, packets, query

SENT = datetime(2026, 7, 20, 16, 0, 5, tzinfo=CHINA)
SEEN = datetime(2026, 7, 20, 16, 0, tzinfo=CHINA)


def decode(frame: bytes, **dialect: object) -> Decoded:
    return sl651.decode(frame, ELEMENTS, sl651.dialect_of(dialect))


def values(decoded: Decoded) -> dict[str, float | None]:
    return {element.code: element.value for element in decoded.elements}


def sample(function: str, nth: int = 0) -> Decoded:
    found = [
        decoded for frame in SL651 if (decoded := decode(frame)).function == function and decoded.direction == "up"
    ]
    return found[nth]


def up(elements: bytes, **words: object) -> bytes:
    wish: dict[str, object] = {"station": "0011223344", "function": 0x32, "serial": 52, "sent_at": SENT,
                               "groups": [(SEEN, elements)]}  # fmt: skip
    return encode_up(**{**wish, **words})  # type: ignore[arg-type]


def test_crc_is_modbus() -> None:
    assert crc16(b"123456789") == 0x4B37
    assert crc16(b"12345678") == 0x37DD  # an even length goes through the table alone


def test_every_sample_frame_is_sound() -> None:
    assert len(SL651) == 13
    for frame in SL651:
        decoded = decode(frame)
        assert decoded.crc_ok
        assert decoded.error is None, (frame.hex(), decoded.error)


def test_the_worked_example() -> None:
    found = sample("32")
    assert (found.station, found.serial) == ("0011223344", 0x34)
    assert found.more == {"centre": "05", "password": "03E8", "end": "03", "category": "48"}
    assert found.at == datetime(2017, 7, 18, 11, 0, tzinfo=CHINA)
    assert found.sent_at == datetime(2017, 7, 18, 11, 0, 16, tzinfo=CHINA)
    assert values(found) == {"20": 4.0, "26": 4.0, "39": 10.49, "38": 10.99}
    assert [e.element for e in found.elements] == ["rain_now_mm", "rain_total_mm", "level_m", "battery_v"]


def test_values_of_the_other_samples() -> None:
    assert values(sample("30")) == {"20": 0.5, "26": 0.5, "39": 0.127, "38": 11.15}
    assert values(sample("32", 1)) == {"20": 5.5, "07": 21.5, "38": 12.9}
    assert values(sample("32", 2)) == {"20": 0.0, "26": 319.6, "39": 28.96, "38": 13.12}
    assert values(sample("33")) == {"39": 28.96, "20": 0.0, "26": 319.6, "38": 13.17}
    assert values(sample("37")) == {"20": 0.0, "26": 0.0, "39": None, "38": 11.43}
    assert (sample("35").text, values(sample("35"))) == ("Q 1.234", {"Q": 1.234})
    assert sample("45").text == "V1.0.20220420"
    assert sample("2F").elements == sample("4A").elements == ()
    assert sample("30").at == datetime(2059, 10, 11, 15, 49, tzinfo=CHINA)


def test_only_reports_want_an_answer() -> None:
    wanting = {decoded.function for frame in SL651 if (decoded := decode(frame)).reply_wanted}
    assert wanting == {"30", "32", "33", "34", "35"}


def test_a_downlink_is_known_as_one() -> None:
    found = next(decoded for frame in SL651 if (decoded := decode(frame)).direction == "down")
    assert (found.station, found.function, found.more["end"]) == ("0012345678", "30", "1B")


def test_hourly_series_have_their_own_times() -> None:
    found = sample("34", 1)
    rain = [e for e in found.elements if e.code == "F4"]
    level = [e for e in found.elements if e.code == "F5"]
    assert [e.value for e in rain] == [0.0] * 12
    assert [e.value for e in level] == [26.05] * 10 + [27.96] * 2
    first = datetime(2022, 12, 2, 12, 20, tzinfo=CHINA)
    assert [e.at for e in level] == [first + index * timedelta(minutes=5) for index in range(12)]
    assert level[0].element == "level_rel_m"  # the absolute level beside it is a metre higher
    assert {e.at for e in found.elements if e.code in ("26", "39", "20", "38")} == {first + timedelta(minutes=55)}


def test_a_series_never_lies_in_the_future() -> None:
    found = sample("34")
    level = [e for e in found.elements if e.code == "F5"]
    assert [e.value for e in level] == [27.3, 27.3, *[None] * 10]
    assert {e.flag for e in level[2:]} == {"missing"}
    assert level[-1].at == found.at == found.sent_at


@pytest.mark.parametrize(("wish", "last"), [("first", 55), ("last", 0), ("auto", 0)])
def test_a_dialect_says_what_a_series_time_means(wish: str, last: int) -> None:
    found = decode(up(bytes.fromhex("F460" + "05" * 12)), series_time=wish)
    assert found.elements[-1].at == SEEN + timedelta(minutes=last)
    assert [e.value for e in found.elements] == [0.5] * 12


def test_a_time_step_spreads_the_values_after_it() -> None:
    body = "0418000005" + "3923" + "00028960" * 11 + "FFFFFFFF"
    found = decode(up(bytes.fromhex(body), function=0x31))
    assert [e.value for e in found.elements] == [28.96] * 11 + [None]
    assert [e.at for e in found.elements][:2] == [SEEN, SEEN + timedelta(minutes=5)]
    assert found.error is None


def test_missing_negative_and_broken_values() -> None:
    assert bcd_value(bytes.fromhex("FF001234"), 3) == (-1.234, "")
    assert bcd_value(bytes.fromhex("FFFF1234"), 2) == (-12.34, "")
    assert bcd_value(b"\xff" * 4, 3) == (None, "missing")
    found = decode(up(bytes.fromhex("3923" + "000A0490" + "38121099")))
    assert values(found) == {"39": None, "38": 10.99}
    assert found.error is not None
    assert "39" in found.error.where


def test_extended_ids_and_state_bits() -> None:
    found = decode(up(bytes.fromhex("FF1423" + "00012345" + "4520" + "00000003")))
    assert values(found) == {"FF14": 12.345, "45": 3.0}
    assert found.elements[1].flag == "ac_off,battery_low"


def test_a_dialect_goes_before_the_table() -> None:
    ours = {"20": {"zh": "时段降水量", "en": "Rain of the interval", "unit": "mm", "element": "rain_mm"}}
    found = decode(up(element("20", 4.0, 3, 1)), elements=ours)
    assert (found.elements[0].element, found.elements[0].name_zh) == ("rain_mm", "时段降水量")
    with pytest.raises(Invalid, match="series_time"):
        sl651.dialect_of({"series_time": "middle"})


def test_another_station_in_the_body_is_not_believed_unless_told() -> None:
    frame = up(element("39", 1.0, 4, 3))
    other = bytearray(frame)
    other[3:8] = bytes.fromhex("0099999999")
    other[-2:] = crc16(bytes(other[:-2])).to_bytes(2, "big")
    refused = decode(bytes(other))
    assert (refused.crc_ok, refused.elements) == (True, ())
    assert refused.error is not None
    assert decode(bytes(other), station_from="body").station == "0011223344"


def test_a_cut_body_keeps_what_could_be_read() -> None:
    found = decode(up(element("20", 4.0, 3, 1) + bytes.fromhex("3923" + "0001")))
    assert values(found) == {"20": 4.0}
    assert found.error is not None
    assert "39" in found.error.en
    assert found.error.zh


@pytest.mark.parametrize("frame", SL651, ids=lambda frame: frame[10:11].hex())
def test_every_single_bit_error_is_refused(frame: bytes) -> None:
    for damaged in flips(frame):
        found = decode(damaged)
        assert not found.crc_ok
        assert found.error is not None
        assert found.elements == ()
        assert sl651.reply(damaged, at=SENT) == b""


def test_answers_are_sound_downlinks() -> None:
    frame = up(element("39", 1.0, 4, 3))
    answer = decode(sl651.reply(frame, at=SENT))
    assert (answer.direction, answer.station, answer.serial) == ("down", "0011223344", 52)
    assert answer.more["end"] == "04"
    found = parse_frame(frame)
    assert isinstance(found, Frame)
    ends = {name: decode(acknowledge(found, at=SENT, end=name)).more["end"] for name in ("ack", "nak", "enq", "esc")}
    assert ends == {"ack": "06", "nak": "15", "enq": "05", "esc": "1B"}
    nak = parse_frame(sl651.reply(frame, at=SENT, end="nak", missing=[2, 5]))
    assert isinstance(nak, Frame)
    assert nak.body[8:] == bytes.fromhex("00020005")
    early = packets(found, size=10)[0]
    assert sl651.reply(early, at=SENT) == b""
    assert decode(sl651.reply(early, at=SENT, complete=True)).serial == 52
    asked = decode(query(centre=1, station="0011223344", password="0000", function=0x37, serial=1, at=SENT))
    assert asked.reply_wanted


def test_a_known_answer() -> None:
    """The article's own downlink for the test report, byte for byte."""
    frame = next(frame for frame in SL651 if frame[10] == 0x30 and not frame[11] & 0x80)
    answer = next(frame for frame in SL651 if frame[11] & 0x80)
    sent = datetime(2059, 10, 11, 15, 49, 47, tzinfo=CHINA)
    assert sl651.reply(frame, at=sent, end="esc") == answer


def test_pictures_come_in_packets() -> None:
    picture = bytes(range(256)) * 20 + b"\x7e\x7e" * 50
    whole = parse_frame(up(b"", function=0x36, groups=[(SEEN, b"")]))
    assert isinstance(whole, Frame)
    parts = [
        decode(part) for part in packets(whole._replace(body=whole.body + b"\xf3\xf3" + picture, end=ETX), size=400)
    ]
    assert [part.part for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    assert [part.reply_wanted for part in parts] == [False] * (len(parts) - 1) + [True]
    box = sl651.Assembler(most_bytes=50_000, wait_s=10)
    done = [box.add(part, ELEMENTS, now) for now, part in enumerate([*reversed(parts[1:]), parts[1], parts[0]])]
    assert done[:-1] == [None] * len(parts)
    assert done[-1] is not None
    assert (done[-1].data, done[-1].at, done[-1].error) == (picture, SEEN, None)
    assert box.size == 0


def test_packets_are_bounded_in_bytes_number_and_time() -> None:
    packet = decode(packets(Frame(False, 1, "0000000001", "0000", 0x36, b"x" * 2000, ETX), size=900)[0])
    box = sl651.Assembler(most_bytes=1000, most_open=2, wait_s=10)
    assert box.add(packet, ELEMENTS, 0.0) is None
    assert box.missing(packet) == (2, 3)
    refused = box.add(packet._replace(station="0000000002"), ELEMENTS, 1.0)
    assert refused is not None
    assert refused.error is not None
    assert [(late.station, late.numbers) for late in box.expired(11.0)] == [("0000000001", (2, 3))]
    assert box.size == 0


@pytest.mark.parametrize("wish", [{"station": "12"}, {"station": "00112233GG"}, {"sent_at": SENT.replace(year=2126)},
                                  {"tail": b"x" * 4096}])  # fmt: skip
def test_the_builder_refuses_what_does_not_fit(wish: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        up(b"", groups=(), **wish)


WORDS = (b"0034260720160005ST 0011223344 H TT 2607201600 PJ 4.0 PT M DRP 000102030405060708090AFF "
         b"TT 2607201500 DRN05 Z 10.49 -0.5 M")  # fmt: skip
ASCII = pack_frame(Frame(False, 5, "0011223344", "03E8", 0x32, WORDS, ETX, None, ascii=True))


def test_ascii_frames() -> None:
    found = decode(ASCII)
    assert (found.station, found.serial, found.sent_at, found.at, found.error) == ("0011223344", 0x34, SENT, SEEN, None)
    assert found.more["category"] == "48"
    assert [(e.code, e.value, e.element) for e in found.elements[:2]] == [
        ("PJ", 4.0, "rain_now_mm"),
        ("PT", None, "rain_total_mm"),
    ]
    assert [e.value for e in found.elements if e.code == "DRP"] == [*[index / 10 for index in range(11)], None]
    level = [(e.value, e.at) for e in found.elements if e.code == "Z"]
    hour = SEEN - timedelta(hours=1)
    assert level == [(10.49, hour), (-0.5, hour + timedelta(minutes=5)), (None, hour + timedelta(minutes=10))]


def test_ascii_frames_are_answered_in_ascii() -> None:
    answer = sl651.reply(ASCII, at=SENT, end="esc")
    found = decode(answer)
    assert answer[:1] == b"\x01"
    assert (found.direction, found.station, found.serial, found.sent_at) == ("down", "0011223344", 0x34, SENT)
    assert sl651.Splitter().feed(b"\x01\x01x" + ASCII + SL651[3] + answer)[1:] == [ASCII, SL651[3], answer]


def test_every_single_bit_error_of_an_ascii_frame_is_refused() -> None:
    for damaged in flips(ASCII):
        assert not decode(damaged).crc_ok
        assert ASCII not in sl651.Splitter().feed(damaged)


def test_ascii_packets_and_bad_words() -> None:
    whole = parse_frame(ASCII)
    assert isinstance(whole, Frame)
    box = sl651.Assembler()
    done = [box.add(decode(part), ELEMENTS, 0.0) for part in packets(whole, size=50)]
    assert done[-1] is not None
    assert done[-1].elements == decode(ASCII).elements
    bad = decode(pack_frame(whole._replace(body=WORDS[:16] + b"TT 26x PJ four Z 1.5")))
    assert values(bad) == {"Z": 1.5}
    assert bad.error is not None
