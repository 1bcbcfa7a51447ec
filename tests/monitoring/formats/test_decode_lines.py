"""`anlan monitor decode`: one JSON line a frame, whatever stands in the file."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from anlan.monitoring.formats.decode_lines import decode_lines
from anlan.monitoring.formats.sl651_frames import Frame, parse_frame
from anlan.monitoring.sources.code_tables import code_table
from tests.monitoring.formats.frames import DATA, HJ212, JT808, SL651
from tests.monitoring.formats.senders import packets
from tests.monitoring.formats.test_sl651 import ASCII

FILES = {"sl651": ("sl651_frames.txt", 13), "hj212": ("hj212_frames.txt", 4), "jt808": ("jt808_frame.txt", 1)}


def run(protocol: str, file: str, given: bytes = b"") -> list[dict[str, object]]:
    command = [sys.executable, "-m", "anlan.site.cli", "monitor", "decode", "--protocol", protocol, file]
    done = subprocess.run(command, input=given, capture_output=True, check=True,
                          env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", "LC_ALL": "C"})  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("protocol", FILES)
def test_the_sample_files(protocol: str) -> None:
    name, count = FILES[protocol]
    found = run(protocol, str(DATA / name))
    assert len(found) == count
    assert all(each["crc_ok"] is True and each["error"] == "" for each in found)


def test_the_worked_example_as_json() -> None:
    (found,) = run("sl651", "-", SL651[3].hex(" ").encode() + b"\n\n# end\n")
    assert found["station"] == "0011223344"
    assert found["function"] == "32"
    assert found["observation_time"] == "2017-07-18T11:00:00+08:00"
    elements = found["elements"]
    assert isinstance(elements, list)
    assert elements[2] == {"code": "39", "name": "瞬时河道水位", "name_en": "River level", "value": 10.49, "unit": "m",
                           "element": "level_m"}  # fmt: skip
    assert "time" not in elements[0]


def test_bad_lines_never_end_it() -> None:
    lines = [
        b"7E7E01",
        b"zz",
        b"7E7",
        SL651[0].hex().encode() + b"7E",
        b"0x" + SL651[0].hex().encode(),
        b"\xff\x00",
        b"A" * 70_000,
    ]
    found = list(decode_lines(lines, "sl651", code_table))
    assert [each["crc_ok"] for each in found] == [False, False, False, True, True, False, False]
    assert all((each["error"] == "") == each["crc_ok"] for each in found)
    assert all((each["error_zh"] == "") == each["crc_ok"] for each in found)
    assert str(found[1]["error"]).startswith("column 1 ")
    assert str(found[1]["error_zh"]).startswith("第 1 列")


def test_hj212_as_text_or_hex_and_no_damage_taken_for_a_comment() -> None:
    lines = [
        HJ212[0] + b"\r\n",
        HJ212[0].hex().encode(),
        b"# a comment",
        b"#" + HJ212[0][1:].replace(b"#", b"+", 1),
        b"",
        b"hello",
    ]
    found = list(decode_lines(lines, "hj212", code_table))
    assert [(each["line"], each["crc_ok"]) for each in found] == [(1, True), (2, True), (4, False), (6, False)]


def test_series_tell_their_own_times_and_positions_their_place() -> None:
    frame = next(frame for frame in SL651 if frame[10] == 0x34 and frame[3] == 0x10)
    (found,) = decode_lines([frame.hex().encode()], "sl651", code_table)
    times = [each.get("time") for each in found["elements"] if each["code"] == "F4"]
    assert times[:2] == [None, "2022-12-02T12:25:00+08:00"]
    (place,) = decode_lines([JT808[0].hex().encode()], "jt808", code_table)
    assert (place["function"], place["elements"][0]["value"]) == ("0x0200", 22.591771)


def test_ascii_frames_as_text_or_hex() -> None:
    found = list(decode_lines([ASCII + b"\r\n", ASCII.hex().encode()], "sl651", code_table))
    assert [each["crc_ok"] for each in found] == [True, True]
    assert found[0]["elements"] == found[1]["elements"] != []


def test_the_last_packet_carries_the_message() -> None:
    frame = parse_frame(SL651[3])
    assert isinstance(frame, Frame)
    lines = [part.hex().encode() for part in packets(frame, size=15)]
    found = list(decode_lines(lines, "sl651", code_table))
    assert [each["part"] for each in found] == [[1, 3], [2, 3], [3, 3]]
    assert [len(each["elements"]) for each in found] == [0, 0, 4]
    assert found[2]["elements"][2]["value"] == 10.49


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="protocol"):
        list(decode_lines([b"00"], "modem", code_table))
