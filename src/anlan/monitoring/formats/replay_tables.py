"""Tables of the replay: stations and readings in, maxima and signals out. CSV in UTF-8, with a heading row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

import numpy as np

from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.columns import SECOND, Columns, Ints, columns, microseconds

MOST_TOLD = 20
LEVELS = ("alert", "warning", "guarantee")


class StationRow(NamedTuple):
    """A station's element: code, name, WGS-84 degrees, element and unit as given, and its own levels by name."""

    station: str
    name: str
    lon: float
    lat: float
    element: str
    unit: str
    limits: dict[str, float]


class ReadingTable(NamedTuple):
    """Readings by series: `keys` names (station, element) of each number from 0; `zone` of the first time, in which
    results are told. empty: rows without a value."""

    keys: tuple[tuple[str, str], ...]
    rows: Columns
    zone: timezone
    empty: int


class Fault(NamedTuple):
    """What is wrong with one row (its line in the file), and how to mend it."""

    line: int
    field: str
    value: str
    zh: str
    en: str


def read_stations(text: str, name: str) -> list[StationRow]:
    """Read `station,name,lon,lat,element,unit,alert,warning,guarantee` (levels may be empty). Raises Invalid naming the
    file and every wrong row up to 20."""
    found, faults = [], []
    for line, row in _rows(text, name, ("station", "element")):
        try:
            limits = {level: _number(row, level, line) for level in LEVELS if (row.get(level) or "").strip()}
            lon, lat = (_number(row, key, line) if (row.get(key) or "").strip() else 0.0 for key in ("lon", "lat"))
            if not (row["station"].strip() and row["element"].strip()):
                raise _Wrong(Fault(line, "station", "", "站码和要素不能为空", "give station and element"))
            found.append(
                StationRow(
                    row["station"].strip(), (row.get("name") or row["station"]).strip(), lon, lat,
                    row["element"].strip(), (row.get("unit") or "").strip(), limits,
                )
            )  # fmt: skip
        except _Wrong as wrong:
            faults.append(wrong.fault)
    _refuse(name, faults)
    return found


def read_readings(text: str, name: str) -> ReadingTable:
    """Read `station,time,element,value`: time in ISO 8601 with offset, any order, repetitions allowed, empty values
    passed over. Raises Invalid naming the file and wrong rows, up to 20 of them."""
    numbers: dict[tuple[str, str], int] = {}
    series, at, value, faults = [], [], [], []
    zone, empty = None, 0
    for line, row in _rows(text, name, ("station", "time", "element", "value")):
        if not row["value"].strip():
            empty += 1
            continue
        try:
            figure, moment = _number(row, "value", line), _time(row["time"].strip(), line)
        except _Wrong as wrong:
            faults.append(wrong.fault)
            if len(faults) > MOST_TOLD:
                break
            continue
        zone = zone or timezone(moment.utcoffset() or timedelta(0))
        series.append(numbers.setdefault((row["station"].strip(), row["element"].strip()), len(numbers)))
        at.append(microseconds(moment))
        value.append(figure)
    _refuse(name, faults)
    return ReadingTable(tuple(numbers), columns(series, at, value), zone or UTC, empty)


def written(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV with newlines as they are on Unix, so that equal tables are equal bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()


def iso(moment: int, zone: timezone) -> str:
    """Write microseconds since 1970 as ISO 8601 in a zone, fractions only where there are any."""
    found = datetime.fromtimestamp(moment // SECOND, zone).replace(microsecond=moment % SECOND)
    return found.isoformat()


def figure(value: float) -> str:
    """Write a value with at most six decimals and none that say nothing."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if math.isfinite(value) else ""


def usual_interval(rows: Columns, count: int) -> Ints:
    """Return each series' usual interval (median of the gaps between its times), whole seconds; 0 where unknown."""
    order = np.lexsort((rows.at, rows.series))
    series, at = rows.series[order], rows.at[order]
    gaps = np.diff(at)
    inside = (series[1:] == series[:-1]) & (gaps > 0)
    found = np.zeros(count, dtype=np.int64)
    whose, gaps = series[1:][inside], gaps[inside]
    order = np.lexsort((gaps, whose))
    whose, gaps = whose[order], gaps[order]
    known, start, number = np.unique(whose, return_index=True, return_counts=True)
    found[known] = gaps[start + number // 2] // SECOND
    return found


class _Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.en)
        self.fault = fault


def _rows(text: str, name: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    heading = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in needed if column not in heading]
    if missing:
        raise Invalid(
            code="replay.heading",
            zh=f"文件 {name} 缺少列 {missing}；第一行应为列名，现为 {heading}。",
            en=f"{name} has no column {missing}; the first row must name the columns, it is {heading}.",
            field=name,
            value=",".join(heading),
        )
    width = len(heading)
    try:
        for row in reader:
            if row:
                yield reader.line_num, dict(zip(heading, row + [""] * (width - len(row)), strict=False))
    except csv.Error as error:
        raise Invalid(
            code="replay.csv",
            zh=f"文件 {name} 第 {reader.line_num} 行不是合法的 CSV（{error}）；请更正后重试。",
            en=f"{name}, line {reader.line_num}: no valid CSV ({error}); mend it and try again.",
            field=name,
            value=str(reader.line_num),
        ) from error


def _number(row: dict[str, str], field: str, line: int) -> float:
    text = row[field].strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _Wrong(Fault(line, field, text, "应为数字", "must be a number"))
    return value


def _time(text: str, line: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(
            Fault(line, "time", text, "应为 ISO 8601 时间，如 2021-07-20T17:00:00+08:00",
                  "must be ISO 8601, like 2021-07-20T17:00:00+08:00")
        ) from None  # fmt: skip
    if moment.tzinfo is None:
        raise _Wrong(Fault(line, "time", text, "须写明时区，如 +08:00", "needs its offset, like +08:00"))
    return moment


def _refuse(name: str, faults: Sequence[Fault]) -> None:
    if not faults:
        return
    told = faults[:MOST_TOLD]
    zh = "；".join(f"第 {f.line} 行 {f.field}=“{f.value}”：{f.zh}" for f in told)
    en = "; ".join(f"line {f.line}, {f.field} “{f.value}”: {f.en}" for f in told)
    more = len(faults) > MOST_TOLD
    raise Invalid(
        code="replay.rows",
        zh=f"文件 {name} 有误，未作任何输出：{zh}{'；还有更多' if more else ''}。",
        en=f"{name} is wrong, nothing was written: {en}{'; and more' if more else ''}.",
        field=told[0].field,
        value=told[0].value,
    )
