"""Codec of batches over HTTP and files: JSON objects, JSON columns and CSV into rows; every bad row named, good ones kept.

The fast way decodes all rows in one go with their types; only a batch that has something wrong is gone through row by
row, to say what. Times need an offset: without one they could mean two instants.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec

from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.columns import EPOCH, MICROSECOND, microseconds
from anlan.monitoring.formats.readings_csv import MOST_ERRORS, MOST_ROWS, RowError

Row = tuple[str, str, int, float, int]
"""Station code, element ("" the station's main one), µs since 1970 (UTC), value, quality code given by the source."""

FIELDS = ("station", "element", "at", "value")
_NAMES = {
    "站码": "station", "测站": "station", "要素": "element", "时间": "at", "time": "at", "数值": "value", "值": "value",
}  # fmt: skip
FIRST_US, LAST_US = (int((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) / MICROSECOND) for year in (1900, 2200))
_Aware = Annotated[datetime, msgspec.Meta(tz=True)]
_TYPES: dict[str, Any] = {"station": str, "element": str, "at": _Aware, "value": float}
_SHAPE = ("请求体应为 {0} 或 {1}；请按此修改后重发。", "Send {0} or {1}.")
_SHAPES = (
    '{"readings": [{"station", "at", "value"}, …]}',
    '{"columns": ["station", "at", "value"], "rows": [[…], …]}',
)


class Taken(NamedTuple):
    """Good rows, what was wrong with others (the first MOST_ERRORS of them), and how many were wrong in all."""

    rows: list[Row]
    errors: list[RowError]
    wrong: int


class _Object(msgspec.Struct):
    station: str
    at: _Aware
    value: float
    element: str = ""


class _Body(msgspec.Struct):
    readings: msgspec.Raw = msgspec.Raw()
    columns: list[str] = []
    rows: msgspec.Raw = msgspec.Raw()


_body = msgspec.json.Decoder(_Body)
_objects = msgspec.json.Decoder(list[_Object])


def read_json(body: bytes) -> Taken:
    """Return the readings of either JSON shape. Raises Invalid when it is neither."""
    try:
        found = _body.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _shape(str(error)) from error
    if bytes(found.readings):
        return _read_objects(bytes(found.readings))
    if not bytes(found.rows):
        raise _shape("readings, rows")
    return _read_columns(found.columns, bytes(found.rows))


def read_csv(body: bytes) -> Taken:
    """Return the readings of a CSV text: a header with station, at, value and maybe element, in any order."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = ("应为 UTF-8 编码；请另存为 UTF-8", "must be UTF-8; save it as that")
        return Taken([], [_error(0, "file", f"byte {error.start}", *remedy)], 1)
    lines = csv.reader(io.StringIO(text, newline=None))
    try:
        header = [_NAMES.get(name.strip(), name.strip()) for name in next(lines, [])]
        if not {"station", "at", "value"} <= set(header):
            remedy = ("首行应为 station,at,value（可加 element）", "begin with station,at,value (element if you like)")
            return Taken([], [_error(0, "header", ",".join(header), *remedy)], 1)
        return _each(dict(zip(header, line, strict=False)) for line in lines if line)
    except csv.Error as error:
        return Taken([], [_error(lines.line_num, "file", str(error), "不是合法的 CSV", "is no valid CSV")], 1)


def _read_objects(raw: bytes) -> Taken:
    try:
        found = _objects.decode(raw)
        return _checked([(r.station, r.element, (r.at - EPOCH) // MICROSECOND, r.value, 0) for r in found])
    except (msgspec.MsgspecError, _Doubtful, UnicodeDecodeError):
        items = msgspec.json.decode(raw)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _shape("readings")
    return _each(items)


def _read_columns(columns: list[str], raw: bytes) -> Taken:
    if not {"station", "at", "value"} <= set(columns) <= set(FIELDS) or len(columns) != len(set(columns)):
        raise Invalid(
            code="readings.columns",
            zh=f"columns 应含 station、at、value，可加 element；现为 {columns}。",
            en=f"columns must be station, at, value and maybe element; they are {columns}.",
            field="columns",
            value=columns,
        )
    try:
        return _checked(_ordered(columns, _rows_decoder(tuple(columns)).decode(raw)))
    except (msgspec.MsgspecError, _Doubtful, UnicodeDecodeError):
        items = msgspec.json.decode(raw)
    if not isinstance(items, list) or not all(isinstance(item, list) for item in items):
        raise _shape("rows")
    return _each(dict(zip(columns, item, strict=False)) for item in items)


@lru_cache(maxsize=64)
def _rows_decoder(columns: tuple[str, ...]) -> msgspec.json.Decoder[list[tuple[Any, ...]]]:
    kinds = tuple(_TYPES[name] for name in columns)
    return msgspec.json.Decoder(list[tuple[kinds]])  # type: ignore[valid-type]


def _ordered(columns: Sequence[str], found: list[tuple[Any, ...]]) -> list[Row]:
    """Return rows in our order of columns; the common orders without a lookup per row."""
    epoch, us = EPOCH, MICROSECOND
    if columns == ["station", "element", "at", "value"]:
        return [(station, element, (at - epoch) // us, value, 0) for station, element, at, value in found]
    if columns == ["station", "at", "value"]:
        return [(station, "", (at - epoch) // us, value, 0) for station, at, value in found]
    s, t, v = (columns.index(name) for name in ("station", "at", "value"))
    e = columns.index("element") if "element" in columns else -1
    return [(row[s], row[e] if e >= 0 else "", (row[t] - epoch) // us, row[v], 0) for row in found]


class _Doubtful(Exception):
    """Some row isn't right: look at each."""


def _checked(rows: list[Row]) -> Taken:
    if len(rows) > MOST_ROWS:
        raise _Doubtful
    for station, element, at, value, _ in rows:
        # NaN and infinity are no JSON, but 1e999 is one
        if not 0 < len(station) <= 32 or len(element) > 24 or not FIRST_US <= at < LAST_US or value - value != 0.0:
            raise _Doubtful
    return Taken(rows, [], 0)


def _each(items: Iterable[dict[str, Any]]) -> Taken:
    """Go through row by row; `items` have our field names."""
    good: list[Row] = []
    errors: list[RowError] = []
    wrong = 0
    for number, item in enumerate(items, start=1):
        if number > MOST_ROWS:
            remedy = (f"一批最多 {MOST_ROWS} 行；请分批", f"at most {MOST_ROWS} rows in a batch; split it")
            return Taken(good, [*errors[: MOST_ERRORS - 1], _error(number, "rows", "", *remedy)], wrong + 1)
        found = row_of(number, item)
        if isinstance(found, RowError):
            wrong += 1
            if len(errors) < MOST_ERRORS:
                errors.append(found)
        else:
            good.append(found)
    return Taken(good, errors, wrong)


def row_of(number: int, item: dict[str, Any]) -> Row | RowError:
    """Return one reading from loose values, or what is wrong with it."""
    station, element = str(item.get("station") or "").strip(), str(item.get("element") or "").strip()
    if not station or len(station) > 32 or not station.isprintable():
        return _error(
            number, "station", station, "站码为 1 至 32 个可见字符", "a station code has 1 to 32 printable characters"
        )
    if len(element) > 24 or not element.isprintable():
        return _error(
            number, "element", element, "要素代码最多 24 个可见字符", "an element code has up to 24 characters"
        )
    text = str(item.get("at") or item.get("time") or "").strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _error(number, "at", text, "应写成 2021-07-20T16:00+08:00", "write it as 2021-07-20T16:00+08:00")
    if at.tzinfo is None:
        return _error(number, "at", text, "须写明时区，如 +08:00", "give the offset, such as +08:00")
    if not 1900 <= at.year < 2200:
        return _error(number, "at", text, "年份应在 1900 至 2200 之间", "the year must lie in 1900 to 2200")
    value = number_of(item.get("value"))
    if value is None:
        remedy = ("应为数字；缺测请勿写入", "must be a number; leave missing readings out")
        return _error(number, "value", str(item.get("value")), *remedy)
    return station, element, microseconds(at), value, 0


def number_of(raw: Any) -> float | None:
    """Return a finite number from a number or its text; None for anything else."""
    try:
        value = float(raw.strip() if isinstance(raw, str) else raw) if not isinstance(raw, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def in_parts(rows: Sequence[Row], most: int) -> Iterator[Sequence[Row]]:
    """Give the rows in stretches of at most `most`."""
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def _error(row: int, field: str, value: str, zh: str, en: str) -> RowError:
    return RowError(row, field, value[:80], f"第 {row} 行 {field}：{zh}。", f"Row {row}, {field}: {en}.")


def _shape(value: str) -> Invalid:
    return Invalid(
        code="readings.shape", zh=_SHAPE[0].format(*_SHAPES), en=_SHAPE[1].format(*_SHAPES), field="body", value=value
    )
