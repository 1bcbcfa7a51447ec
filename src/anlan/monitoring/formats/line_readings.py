"""InfluxDB lines as readings: tag `station` names the station, a field is an element.

`weather,station=57083 rain_mm=0.2,temp_c=21.5 1626768000000000000`: the field's name is the element; a field called
`value` takes the measurement's name (`rain_mm,station=57083 value=0.2`), and of measurement `readings` it is the
station's main element.
"""

from __future__ import annotations

from datetime import datetime

from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.influx_line import Row as Line
from anlan.monitoring.formats.influx_line import parse_lines
from anlan.monitoring.formats.readings_batch import FIRST_US, LAST_US, Row, Taken, number_of
from anlan.monitoring.formats.readings_csv import MOST_ERRORS, RowError

STATION, VALUE, MAIN = "station", "value", "readings"


def read_lines(body: bytes, precision: str, now: datetime) -> Taken:
    """Return the readings of a line-protocol body; `now` is the time of lines that have none."""
    found = parse_lines(body, precision)
    rows: list[Row] = []
    errors = [RowError(e.line, f"line {e.line}, column {e.column}", e.value, e.zh, e.en) for e in found.errors]
    wrong = found.wrong
    arrived = microseconds(now)
    for line in found.rows:
        try:
            rows += _readings(line, arrived)
        except _Wrong as error:
            wrong += 1
            if len(errors) < MOST_ERRORS:
                errors.append(RowError(0, *error.args))
    return Taken(rows, errors, wrong)


class _Wrong(Exception):
    """Field, value, zh, en."""


def _readings(line: Line, arrived: int) -> list[Row]:
    station = line.tags.get(STATION, "")
    where = f"{line.measurement} {line.time_ns or ''}".strip()[:80]
    if not 0 < len(station) <= 32:
        raise _Wrong("station", station[:80], f"{where}：须有标签 station（1 至 32 个字符）。",
                     f"{where}: give the tag station, 1 to 32 characters.")  # fmt: skip
    at = arrived if line.time_ns is None else line.time_ns // 1000
    if not FIRST_US <= at < LAST_US:
        raise _Wrong("at", str(line.time_ns), f"{where}：年份应在 1900 至 2200 之间，请检查 precision。",
                     f"{where}: the year must lie in 1900 to 2200; check the precision.")  # fmt: skip
    rows: list[Row] = []
    for name, raw in line.fields.items():
        value = number_of(int(raw) if isinstance(raw, bool) else raw) if not isinstance(raw, str) else None
        if value is None or len(name) > 24:
            raise _Wrong("value", f"{name}={raw}"[:80], f"{where}：字段应为数字，名称最多 24 字符。",
                         f"{where}: fields must be numbers with names of up to 24 characters.")  # fmt: skip
        element = name if name != VALUE else "" if line.measurement == MAIN else line.measurement
        rows.append((station, element[:24], at, value, 0))
    return rows
