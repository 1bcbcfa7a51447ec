"""HJ 212: the published messages give the published values; dialects, flags, packets and answers."""

from __future__ import annotations

from datetime import datetime

import pytest

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats import hj212
from anlan.monitoring.formats.decoded import CHINA, Decoded
from anlan.monitoring.formats.hj212_dialects import DEVICE, DIALECTS, GOOD, conformance, dialect_of
from anlan.monitoring.formats.hj212_frames import crc
from tests.monitoring.formats.frames import FACTORS, HJ212, flips

HEAD = {"QN": "20260720160000000", "ST": 32, "CN": 2011, "PW": "123456", "MN": "A110000_0001", "Flag": 5}


def decode(message: bytes) -> Decoded:
    return hj212.decode(message, FACTORS)


def build(parameters: str, **more: object) -> Decoded:
    return decode(hj212.encode({**HEAD, **more}, parameters))


def test_the_worked_example() -> None:
    assert crc(HJ212[0][6:-4]) == 0x1C80
    found = decode(HJ212[0])
    assert (found.station, found.function, found.direction) == ("010000A8900016F000169DC0", "1062", "down")
    assert (found.reply_wanted, found.more["RtdInterval"], found.more["dialect"]) == (True, "30", "2017")
    assert found.sent_at == datetime(2016, 8, 1, 8, 58, 57, 223000, tzinfo=CHINA)


def test_values_of_2017() -> None:
    found = decode(HJ212[1])
    got = {e.code: (e.value, e.unit, e.element, e.quality) for e in found.elements}
    assert got == {
        "w00000": (181.682, "L/s", "w00000", GOOD), "w21001": (45.16, "mg/L", "w21001", GOOD),
        "w21011": (1.97, "mg/L", "w21011", GOOD), "w21003": (53.131, "mg/L", "w21003", GOOD),
        "w01018": (194.2, "mg/L", "w01018", GOOD), "w01001": (7.496, "", "w01001", GOOD),
    }  # fmt: skip
    assert found.at == datetime(2021, 3, 20, 1, 34, tzinfo=CHINA)
    own = {e.code: e.at for e in found.elements}
    assert own["w21001"] == datetime(2021, 3, 20, 0, 54, tzinfo=CHINA)
    assert own["w01001"] == datetime(2021, 3, 20, 1, 34, 6, tzinfo=CHINA)


def test_values_of_2005() -> None:
    found = decode(HJ212[2])
    assert {e.code: (e.value, e.element) for e in found.elements} == {
        "060": (0.06, "w21003"), "011": (0.0, "w01018"), "001": (7.64, "w01001"),
    }  # fmt: skip
    assert (found.more["dialect"], found.sent_at, found.reply_wanted) == ("2005", None, False)
    assert (decode(HJ212[3]).function, decode(HJ212[3]).elements) == ("9021", ())


@pytest.mark.parametrize("message", HJ212, ids=lambda message: message[2:6].decode())
def test_every_single_bit_error_is_refused(message: bytes) -> None:
    """But for the case of the CRC's only letter, which carries nothing: the value is the same and so is the message."""
    for damaged in flips(message):
        found = decode(damaged)
        if damaged[:-4] == message[:-4] and damaged[-4:].upper() == message[-4:].upper() and damaged[-4:].islower():
            assert found == decode(message)
            continue
        assert not found.crc_ok, damaged
        assert found.elements == ()
        assert hj212.reply(found) == b""


def test_the_case_of_the_crc_varies() -> None:
    message = HJ212[2]
    assert decode(message[:-4] + message[-4:].lower()).crc_ok
    assert not decode(message[:-4] + b"3Ac0").crc_ok
    assert decode(message + b"\r\n") == decode(message)


def test_statistics_and_flags() -> None:
    found = build("DataTime=20260720160000;w01018-Avg=30.5,w01018-Min=20,w01018-Max=40,w01018-Cou=12.5,w01018-Flag=D;"
                  "w21003-Avg=1.5,w21003-Flag=T;w01001-Rtd=,w01001-Flag=B;zz1-Rtd=3", CN=2051)  # fmt: skip
    got = {e.code: (e.value, e.unit, e.element, e.quality) for e in found.elements}
    assert got["w01018-Avg"] == (30.5, "mg/L", "w01018_avg", DEVICE)
    assert got["w01018-Cou"] == (12.5, "kg", "w01018_cou", DEVICE)
    assert got["w21003-Avg"] == (1.5, "mg/L", "w21003_avg", GOOD)  # over its limit: real, and just what is wanted
    assert got["w01001"] == (None, "", "w01001", DEVICE)
    assert got["zz1"] == (3.0, "", "", GOOD)
    assert found.error is None


def test_a_value_that_is_no_number_is_named() -> None:
    found = build("DataTime=20260720160000;w01018-Rtd=ABC,w01018-Flag=N;w21003-Rtd=1e999")
    assert [e.value for e in found.elements] == [None, None]
    assert found.error is not None
    assert "w" in found.error.where


def test_packets() -> None:
    found = build("DataTime=20260720160000", Flag=7, PNUM=3, PNO=2)
    assert found.part == (2, 3)


def test_a_head_that_can_not_be_is_not_believed() -> None:
    for field, value in (("CN", "20x1"), ("MN", "a b"), ("QN", "2026"), ("Flag", "x")):
        found = build("DataTime=20260720160000;w01018-Rtd=1", **{field: value})
        assert (found.crc_ok, found.elements) == (True, ())
        assert found.error is not None
        assert found.error.where == field
        assert hj212.reply(found) == b""  # what is not believed is not acknowledged: let it come again


def test_answers() -> None:
    upload = build("DataTime=20260720160000;w01018-Rtd=1")
    answer = decode(hj212.reply(upload))
    assert (answer.function, answer.station, answer.serial) == ("9014", upload.station, upload.serial)
    assert (answer.more["ST"], answer.more["Flag"], answer.reply_wanted) == ("91", "4", False)
    asked = decode(HJ212[0])
    assert decode(hj212.reply(asked)).more["QnRtn"] == "1"
    assert hj212.reply(decode(hj212.reply(asked))) == b""
    signed_on = decode(hj212.reply(decode(HJ212[3])))
    assert (signed_on.function, signed_on.more["Logon"], signed_on.more["QN"]) == ("9022", "1", "20120416225111069")


def test_2025_claims_nothing_and_reads_as_2017() -> None:
    found = build("DataTime=20260720160000;w01018-Rtd=1,w01018-Flag=M", Flag=9)
    assert (found.more["dialect"], found.elements[0].quality) == ("2025", DEVICE)
    assert not DIALECTS["2025"].conforms
    conformance("2017")
    with pytest.raises(Invalid, match="2025"):
        conformance("2025")


def test_a_dialect_as_data() -> None:
    ours = dialect_of({"base": "2017", "flags": {"t": DEVICE}})
    message = hj212.encode(HEAD, "DataTime=20260720160000;w01018-Rtd=1,w01018-Flag=T")
    assert hj212.decode(message, FACTORS, ours).elements[0].quality == DEVICE
    with pytest.raises(Invalid, match="base"):
        dialect_of({"base": "1999"})


def test_the_builder_refuses_what_would_break_the_message() -> None:
    with pytest.raises(Invalid, match="MN"):
        hj212.encode({**HEAD, "MN": "a;b"}, "")
    with pytest.raises(Invalid, match="9999"):
        hj212.encode(HEAD, "x" * 10_000)
