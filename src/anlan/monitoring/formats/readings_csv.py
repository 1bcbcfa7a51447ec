"""Codec of readings as CSV or JSON rows: every bad row is named with field, value and remedy; good rows are kept.

Columns `station,at,value` (or 站码,时间,数值), UTF-8 with or without a byte-order mark. Times are ISO 8601 with an offset:
a time without one could mean two instants, so it is refused rather than guessed.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

MOST_ROWS = 200_000
MOST_ERRORS = 200
_NAMES = {"站码": "station", "测站": "station", "时间": "at", "数值": "value", "值": "value"}


class RowError(NamedTuple):
    """What is wrong with one row: its number (1 is the first after the header), field, value, and the remedy."""

    row: int
    field: str
    value: str
    zh: str
    en: str


class Parsed(NamedTuple):
    """Good rows, ready for `readings_take`, and what was wrong with the others (at most MOST_ERRORS told)."""

    rows: list[tuple[str, datetime, float]]
    errors: list[RowError]
    wrong: int


def parse_csv(body: bytes) -> Parsed:
    """Return the readings in a CSV file."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = ("文件应为 UTF-8 编码；请另存为 UTF-8", "save the file as UTF-8")
        return Parsed([], [RowError(0, "file", f"byte {error.start}", *remedy)], 1)
    lines = csv.DictReader(io.StringIO(text, newline=None))
    try:
        lines.fieldnames = header = [_NAMES.get(name.strip(), name.strip()) for name in lines.fieldnames or []]
        missing = [name for name in ("station", "at", "value") if name not in header]
        if missing:
            remedy = (
                f"表头缺少 {missing}；首行应为 station,at,value",
                f"the header lacks {missing}; begin with station,at,value",
            )
            return Parsed([], [RowError(0, "header", ",".join(header)[:80], *remedy)], 1)
        return parse_rows(lines)
    except csv.Error as error:
        return Parsed([], [RowError(lines.line_num, "file", str(error), "不是合法的 CSV", "is no valid CSV")], 1)


def parse_rows(rows: Iterable[Mapping[str, Any]]) -> Parsed:
    """Return the readings in mappings with station, at and value."""
    good: list[tuple[str, datetime, float]] = []
    errors: list[RowError] = []
    wrong = 0
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            remedy = (f"一批最多 {MOST_ROWS} 行；请分批", f"at most {MOST_ROWS} rows in a batch; split it")
            return Parsed(good, [*errors, RowError(number, "file", "", *remedy)], wrong + 1)
        found = _row(number, row)
        if isinstance(found, RowError):
            wrong += 1
            if len(errors) < MOST_ERRORS:
                errors.append(found)
        else:
            good.append(found)
    return Parsed(good, errors, wrong)


def _row(number: int, row: Mapping[str, Any]) -> tuple[str, datetime, float] | RowError:
    station = str(row.get("station") or "").strip()
    if not station or len(station) > 32 or not station.isprintable():
        return _error(
            number, "station", station, "站码为 1 到 32 个可见字符", "a station code has 1 to 32 printable characters"
        )
    text = str(row.get("at") or "").strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _error(number, "at", text, "应写成 2021-07-20T16:00+08:00", "write it as 2021-07-20T16:00+08:00")
    if at.tzinfo is None:
        return _error(number, "at", text, "须写明时区，如 +08:00", "give the offset, such as +08:00")
    if not 1900 <= at.year <= 2200:
        return _error(number, "at", text, "年份应在 1900 到 2200 之间", "the year must lie in 1900 to 2200")
    raw = row.get("value")
    try:
        value = float(str(raw).strip()) if raw is not None and not isinstance(raw, bool) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return _error(
            number, "value", str(raw), "应为数字；缺测请勿写入", "must be a number; leave missing readings out"
        )
    return station, at, value


def _error(number: int, field: str, value: str, zh: str, en: str) -> RowError:
    return RowError(number, field, value[:80], f"第 {number} 行 {field}：{zh}。", f"Row {number}, {field}: {en}.")
