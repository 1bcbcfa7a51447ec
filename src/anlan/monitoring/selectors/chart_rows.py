"""Rows of readings and rollups of one series as arrays, straight from binary COPY: a year of hours is 8,760 rows, and an
object for each of their values would take longer than reading them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import Floats, Ints, microseconds
from anlan.monitoring.formats import readings_copy
from anlan.monitoring.formats.readings_copy import SINCE_2000

_ROW = np.dtype([
    ("fields", ">i2"), ("n1", ">i4"), ("at", ">i8"), ("n2", ">i4"), ("good", ">i4"), ("n3", ">i4"), ("total", ">f8"),
    ("n4", ">i4"), ("low", ">f8"), ("n5", ">i4"), ("high", ">f8"), ("n6", ">i4"), ("last", ">f8"), ("n7", ">i4"),
    ("doubtful", ">i4"),
])  # fmt: skip
_ROLLED = """
COPY (SELECT at, count, total, coalesce(low, 'NaN'), coalesce(high, 'NaN'), coalesce(last, 'NaN'), doubtful
  FROM monitoring_{} WHERE series = {:d} AND at > '{}' AND at <= '{}' ORDER BY at) TO STDOUT (FORMAT binary)
"""
_RAW = """
COPY (SELECT series, at, value, quality FROM monitoring_reading WHERE series = {:d} AND at > '{}' AND at <= '{}'
  ORDER BY at) TO STDOUT (FORMAT binary)
"""


class Rows(NamedTuple):
    """Rows of a chart in arrays of one length, oldest first. at: µs since 1970, the end of the span (raw: the reading's
    time); good, doubtful: how many readings; total, low, high, last: of good ones, NaN where there are none; quality:
    raw readings' codes, else 0. Raw: total is the value."""

    at: Ints
    good: Ints
    total: Floats
    low: Floats
    high: Floats
    last: Floats
    doubtful: Ints
    quality: Ints


def rolled(table: str, series: int, start: datetime, end: datetime) -> Rows:
    """Return the rollups of one series in (start, end]. One query."""
    body = _copied(_ROLLED.format(table, series, start.isoformat(), end.isoformat()))
    found = np.frombuffer(body, _ROW)
    at, good, doubtful = (found[name].astype(np.int64) for name in ("at", "good", "doubtful"))
    total, low, high, last = (found[name].astype(np.float64) for name in ("total", "low", "high", "last"))
    return Rows(at + SINCE_2000, good, total, low, high, last, doubtful, np.zeros(len(found), np.int64))


def raw(series: int, start: datetime, end: datetime) -> Rows:
    """Return the stored readings of one series in (start, end]. One query."""
    found = readings_copy.rows_read(_copied(_RAW.format(series, start.isoformat(), end.isoformat())))
    return readings(found.at, found.value, found.quality)


def readings(at: Ints, value: Floats, quality: NDArray[Any]) -> Rows:
    """Return readings as rows."""
    codes, none = quality.astype(np.int64), np.full(len(at), np.nan)
    good = (codes == 0).astype(np.int64)
    return Rows(at, good, value, none, none, none, 1 - good, codes)


def made(found: Iterable[Sequence[Any]]) -> Rows:
    """Return tuples (at, count, total, low, high, last, doubtful) as rows."""
    every = list(found)
    at, good, total, low, high, last, doubtful = zip(*every, strict=True) if every else ((),) * 7
    figures = ([np.nan if v is None else v for v in part] for part in (total, low, high, last))
    sums, lows, highs, lasts = (np.array(part, np.float64) for part in figures)
    ats, goods, doubts = (np.array(part, np.int64) for part in ([microseconds(t) for t in at], good, doubtful))
    return Rows(ats, goods, sums, lows, highs, lasts, doubts, np.zeros(len(every), np.int64))


def joined(parts: Iterable[Rows]) -> Rows:
    """Put rows together in order of time; of one time the first part's stands."""
    columns: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    _, first = np.unique(columns[0], return_index=True)
    return Rows(*(column[first] for column in columns))


def _copied(sql: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        body = b"".join(bytes(part) for part in copy)
    return body[len(readings_copy.HEAD) : -len(readings_copy.TAIL)]
