"""InfluxDB line protocol: `measurement,tag=v field=1.5,other="x" 1556813561098000000` to rows. Pure and bounded.

Most lines have no backslash and no quote: they go a short way. Tag sets repeat, so each spelling is taken apart once.
Every bad line is named with line, column and remedy; good lines are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

MOST_LINES = 200_000
MOST_ERRORS = 200
MOST_LINE = 64_000
MOST_FIELDS = 256
MOST_KEYS = 100_000
PRECISIONS = {"ns": 1, "n": 1, "us": 1_000, "u": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_INT64 = 1 << 63
_MEND = "改正该行后重发", "mend the line and send it again"
Value = float | int | bool | str


class Row(NamedTuple):
    """One line: `time_ns` since 1970 UTC, None when the line has none (the server's time is meant)."""

    measurement: str
    tags: Mapping[str, str]
    fields: dict[str, Value]
    time_ns: int | None


class LineError(NamedTuple):
    """What is wrong with a line: number and column from 1, the piece found, and the remedy."""

    line: int
    column: int
    value: str
    zh: str
    en: str


class Lines(NamedTuple):
    """Good rows, what was wrong with the others (at most MOST_ERRORS told), and how many were wrong."""

    rows: list[Row]
    errors: list[LineError]
    wrong: int


class _Bad(Exception):
    def __init__(self, column: int, value: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.column, self.value, self.zh, self.en = column, value, zh, en


def parse_lines(body: bytes, precision: str = "ns") -> Lines:
    """Return the rows in `body`. `precision`: ns, us, ms or s, the unit of the times."""
    unit = PRECISIONS.get(precision)
    if unit is None:
        return _nothing(
            0, precision, f"precision 只能是 {', '.join(PRECISIONS)}", f"precision must be of {', '.join(PRECISIONS)}"
        )
    try:
        text = body.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return _nothing(error.start + 1, "", "应为 UTF-8 编码", "must be UTF-8")
    rows: list[Row] = []
    errors: list[LineError] = []
    wrong = 0
    heads: dict[str, tuple[str, dict[str, str]]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line[0] == "#" or line.isspace():
            continue
        try:
            if len(rows) + wrong >= MOST_LINES:
                raise _Bad(
                    1, "", f"一批最多 {MOST_LINES} 行；请分批", f"at most {MOST_LINES} lines in a batch; split it"
                )
            rows.append(_line(line, unit, heads))
        except _Bad as bad:
            wrong += 1
            if len(errors) < MOST_ERRORS:
                errors.append(LineError(
                    number, bad.column, bad.value[:60], f"第 {number} 行第 {bad.column} 列：{bad.zh}；{_MEND[0]}。",
                    f"Line {number}, column {bad.column}: {bad.en}; {_MEND[1]}.",
                ))  # fmt: skip
            if len(rows) + wrong > MOST_LINES:
                break
    return Lines(rows, errors, wrong)


def _nothing(column: int, value: str, zh: str, en: str) -> Lines:
    return Lines([], [LineError(0, column, value[:60], f"{zh}。", f"{en}.")], 1)


def _line(line: str, unit: int, heads: dict[str, tuple[str, dict[str, str]]]) -> Row:
    """Take one line apart."""
    if len(line) > MOST_LINE:
        raise _Bad(MOST_LINE, "", f"一行不超过 {MOST_LINE} 字符", f"a line has at most {MOST_LINE} characters")
    if "\\" in line or '"' in line:
        head, middle, stamp = _escaped(line)
        pairs = _split(middle, ",")
    else:
        parts = line.split(" ")
        if "" in parts:
            parts = [part for part in parts if part]
        if len(parts) == 3:
            head, middle, stamp = parts
        elif len(parts) == 2:
            head, middle, stamp = *parts, ""
        else:
            raise _Bad(len(line), line, "应为 测量[,标签] 字段 [时间]", "should be measurement[,tags] fields [time]")
        pairs = middle.split(",")
    known = heads.get(head)
    if known is None:
        known = _head(head)
        if len(heads) < MOST_KEYS:
            heads[head] = known
    fields: dict[str, Value] = {}
    if len(pairs) > MOST_FIELDS:
        raise _Bad(len(head) + 2, "", f"一行最多 {MOST_FIELDS} 个字段", f"at most {MOST_FIELDS} fields in a line")
    for pair in pairs:
        key, _, raw = pair.partition("=") if "\\" not in pair else _pair(pair)
        value: Value
        try:
            value = number = float(raw)
            if not key or number - number != 0.0 or raw[-1] not in "0123456789." or "_" in raw:
                value = _value(key, raw, line, pair)
        except ValueError:
            value = _value(key, raw, line, pair)
        fields[key] = value
    return Row(known[0], known[1], fields, _time(stamp, unit, line) if stamp else None)


def _time(stamp: str, unit: int, line: str) -> int:
    try:
        moment = int(stamp) * unit if len(stamp) < 21 else _INT64
    except ValueError:
        moment = _INT64
    if not -_INT64 <= moment < _INT64 or "_" in stamp or not stamp.isascii():
        raise _Bad(
            line.rfind(stamp) + 1,
            stamp,
            "时间应为整数，且单位与 precision 一致",
            "a time is a whole number in the precision's unit",
        )
    return moment


_INTEGER = re.compile(r"[+-]?\d{1,19}[iu]\Z", re.ASCII)
_TRUTHS = {"t": True, "T": True, "true": True, "True": True, "TRUE": True,
           "f": False, "F": False, "false": False, "False": False, "FALSE": False}  # fmt: skip


def _value(key: str, raw: str, line: str, pair: str) -> Value:
    """The values that are no plain float: 5i, 5u, t, "text"; anything else is refused."""
    column = (line.find(pair) if pair else line.find(",,") + 1 or len(line) - 1) + 1
    if not key or not raw:
        raise _Bad(column, pair, "字段应写成 名称=值", "a field is name=value")
    if _INTEGER.match(raw):
        whole = int(raw[:-1])
        if -_INT64 <= whole < (_INT64 if raw[-1] == "i" else 2 * _INT64) and (raw[-1] == "i" or whole >= 0):
            return whole
    truth = _TRUTHS.get(raw)
    if truth is not None:
        return truth
    if len(raw) >= 2 and raw[0] == raw[-1] == '"':
        return re.sub(r'\\(["\\])', r"\1", raw[1:-1])
    raise _Bad(
        column,
        pair,
        "值应为数、整数加 i、true/false 或双引号文本",
        'a value is a number, a whole number with i, true/false or "text"',
    )


def _head(head: str) -> tuple[str, dict[str, str]]:
    """Measurement and tags."""
    measurement, *pairs = _split(head, ",") if "\\" in head else head.split(",")
    tags: dict[str, str] = {}
    if not measurement:
        raise _Bad(1, head, "缺少测量名", "the measurement is missing")
    for pair in pairs:
        key, _, value = pair.partition("=") if "\\" not in pair else _pair(pair)
        if not key or not value:
            raise _Bad(head.find(pair) + 1, pair, "标签应写成 名称=值", "a tag is name=value")
        tags[key] = _plain(value)
    return _plain(measurement), tags


def _pair(pair: str) -> tuple[str, str, str]:
    """Key, =, value at the first = that is not escaped; the key without escapes."""
    found = re.search(r"(?<!\\)=", pair)
    if found is None:
        return "", "", ""
    return _plain(pair[: found.start()]), "=", pair[found.end() :]


def _plain(text: str) -> str:
    return re.sub(r"\\([,= \\])", r"\1", text) if "\\" in text else text


def _split(text: str, mark: str) -> list[str]:
    """Split at marks that are neither escaped nor inside double quotes."""
    pieces, begin, quoted, skip = [], 0, False, False
    for index, letter in enumerate(text):
        if skip:
            skip = False
        elif letter == "\\":
            skip = True
        elif letter == '"' and mark == ",":
            quoted = not quoted
        elif letter == mark and not quoted:
            pieces.append(text[begin:index])
            begin = index + 1
    pieces.append(text[begin:])
    return pieces


def _escaped(line: str) -> tuple[str, str, str]:
    """Head, fields, time of a line with escapes or quotes. Quotes mean something in fields only."""
    skip = quoted = False
    cuts: list[int] = []
    for index, letter in enumerate(line):
        if skip:
            skip = False
        elif letter == "\\":
            skip = True
        elif letter == '"' and cuts:
            quoted = not quoted
        elif letter == " " and not quoted and len(cuts) < 2:
            cuts.append(index)
    if quoted:
        raise _Bad(line.rfind('"') + 1, line[-20:], "文本缺少右双引号", "the text lacks its closing quote")
    if not cuts:
        raise _Bad(len(line), line, "应为 测量[,标签] 字段 [时间]", "should be measurement[,tags] fields [time]")
    first, second = cuts[0], cuts[1] if len(cuts) > 1 else len(line)
    return line[:first], line[first + 1 : second], line[second + 1 :].strip()
