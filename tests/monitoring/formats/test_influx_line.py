"""InfluxDB line protocol: rows with their escapes and times; a bad line is named, the others are kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.monitoring.formats.influx_line import MOST_LINES, Row, parse_lines


def test_plain_lines() -> None:
    found = parse_lines(
        b"# told by the gauge\nrain,station=S1,kind=a value=1.5,n=3i,ok=t 1600000000000000001\r\n\nrain value=-2e3\n"
    )
    assert found.rows == [
        Row("rain", {"station": "S1", "kind": "a"}, {"value": 1.5, "n": 3, "ok": True}, 1600000000000000001),
        Row("rain", {}, {"value": -2000.0}, None),
    ]
    assert found.errors == []


def test_escapes_and_quotes() -> None:
    line = r'my\ rain,sta\,tion=S\=1\ x,名=郑州 text="he said \"no, 5=5\"",f\ 1=2 12'
    (row,) = parse_lines(line.encode()).rows
    assert row == Row("my rain", {"sta,tion": "S=1 x", "名": "郑州"}, {"text": 'he said "no, 5=5"', "f 1": 2.0}, 12)


@pytest.mark.parametrize(("precision", "factor"), [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)])
def test_precision(precision: str, factor: int) -> None:
    assert parse_lines(b"m v=1 1600000000", precision).rows[0].time_ns == 1_600_000_000 * factor


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("m v=", 3), ("m v=abc", 3), ("m v=nan", 3), ("m v=1e999", 3), ("m v=1_0", 3), ("m =1", 3), ("m v", 3),
        ("m,a= v=1", 3), ("m,=a v=1", 3), (",a=1 v=1", 1), ("m v=1 1e5", 7), ("m v=1 99999999999999999999", 7),
        ("m v=9223372036854775808i", 3), ("m", 1), ("m v=1 2 3", 9), ('m v="open', 5), ("m v=1,,w=2", 7), ("m v=٣i", 3),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(line: str, column: int) -> None:
    found = parse_lines(f"good v=1\n{line}\ngood v=2\n".encode())
    assert [row.fields["v"] for row in found.rows] == [1.0, 2.0]
    (error,) = found.errors
    assert error.line == 2
    assert error.column == column, error
    assert error.zh.startswith("第 2 行")
    assert error.en.startswith("Line 2, column")


def test_bounds() -> None:
    assert parse_lines(b"m v=1\n" * (MOST_LINES + 5)).errors[0].line == MOST_LINES + 1
    assert parse_lines(b"m " + b",".join(b"f%d=1" % n for n in range(300))).wrong == 1
    assert parse_lines(b"m v=1 " + b"1" * 70_000).wrong == 1
    assert parse_lines(b"\xff\xfe").wrong == 1
    assert parse_lines(b"m v=1", "years").wrong == 1
    many = parse_lines(b"bad\n" * 1000)
    assert (many.wrong, len(many.errors)) == (1000, 200)


BREAKS = '\\\n\r"#\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029'
names = st.text(st.characters(codec="utf-8", exclude_characters=BREAKS, exclude_categories=("C", "Zs", "Zl", "Zp")),
                min_size=1, max_size=12)  # fmt: skip
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1) | st.booleans()


def escaped(text: str) -> str:
    return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


@settings(max_examples=400)
@given(
    names, st.dictionaries(names, names, max_size=4), st.dictionaries(names, numbers, min_size=1, max_size=4),
    st.integers(-(2**62), 2**62),
)  # fmt: skip
def test_what_is_written_is_read(
    name: str, tags: dict[str, str], fields: dict[str, float | int | bool], at: int
) -> None:
    head = ",".join([escaped(name), *(f"{escaped(key)}={escaped(value)}" for key, value in tags.items())])
    body = ",".join(
        f"{escaped(key)}={str(value).lower() if isinstance(value, bool) else f'{value}i' if isinstance(value, int) else repr(value)}"
        for key, value in fields.items()
    )
    found = parse_lines(f"{head} {body} {at}".encode())
    assert found.rows == [Row(name, tags, fields, at)], found.errors
