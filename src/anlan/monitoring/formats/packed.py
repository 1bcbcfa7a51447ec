"""Codec of a message of the log: readings as columns, little-endian, with a checksum; bounded and safe on any bytes.

Head: magic, received (µs since 1970, int64), rows (uint32), length of the source (uint16); then the source (UTF-8), the
four columns one after the other (series int32, at int64, value float64, quality int16), and CRC-32 of all before it.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, NamedTuple

import numpy as np

from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.columns import SECOND, Columns

MOST = 20_000
LONGEST_SOURCE = 128
_MAGIC = b"ANR1"
_HEAD = struct.Struct("<4sqIH")
_CRC = struct.Struct("<I")
_ROW_BYTES = 4 + 8 + 8 + 2
_SINCE, _UPTO = -2_208_988_800 * SECOND, 7_289_654_400 * SECOND  # the years 1900 to 2200


class Packed(NamedTuple):
    """A message as it was packed: its readings, when they were received (µs since 1970), and where they came from."""

    columns: Columns
    received_us: int
    source: str


def pack(readings: Columns, *, received_us: int, source: str) -> bytes:
    """Return the message. Raises Invalid for no or more than MOST rows, and for values and times nobody can mean."""
    rows = len(readings)
    if not 0 < rows <= MOST:
        raise _wrong("rows", rows, f"一条消息应有 1 至 {MOST} 个读数，请分批", f"1 to {MOST} readings; split it")
    _sane(readings)
    name = source.encode()[:LONGEST_SOURCE].decode(errors="ignore").encode()
    body = b"".join((
        _HEAD.pack(_MAGIC, received_us, rows, len(name)), name,
        readings.series.astype("<i4").tobytes(), readings.at.astype("<i8").tobytes(),
        readings.value.astype("<f8").tobytes(), readings.quality.astype("<i2").tobytes(),
    ))  # fmt: skip
    return body + _CRC.pack(zlib.crc32(body))


def unpack(body: bytes | memoryview) -> Packed:
    """Return what was packed. Raises Invalid for anything else; never takes more memory than the body has."""
    body = bytes(body)
    if len(body) < _HEAD.size + _CRC.size:
        raise _wrong("length", len(body), "消息过短，已损坏", "too short, damaged")
    magic, received_us, rows, name = _HEAD.unpack_from(body)
    if magic != _MAGIC or not 0 < rows <= MOST or name > LONGEST_SOURCE:
        raise _wrong("head", body[: _HEAD.size].hex(), "消息头不对，已损坏", "no such head, damaged")
    if len(body) != _HEAD.size + name + rows * _ROW_BYTES + _CRC.size:
        raise _wrong("length", len(body), "消息长度与行数不符，已损坏", "length and rows don't agree, damaged")
    if zlib.crc32(memoryview(body)[: -_CRC.size]) != _CRC.unpack_from(body, len(body) - _CRC.size)[0]:
        raise _wrong("crc", body[-_CRC.size :].hex(), "校验和不符，已损坏", "the checksum is wrong, damaged")
    try:
        source = body[_HEAD.size : _HEAD.size + name].decode()
    except UnicodeDecodeError as error:
        raise _wrong("source", body[:40].hex(), "来源不是 UTF-8", "the source is not UTF-8") from error
    readings = _columns(body, _HEAD.size + name, rows)
    _sane(readings)
    return Packed(readings, received_us, source)


def _columns(body: bytes, start: int, rows: int) -> Columns:
    """Return the four columns as arrays of this machine's own order."""
    found: list[Any] = []
    for kind in ("<i4", "<i8", "<f8", "<i2"):
        column = np.frombuffer(body, dtype=kind, count=rows, offset=start)
        start += column.nbytes
        found.append(column.astype(column.dtype.newbyteorder("=")))
    return Columns(*found)


def _sane(readings: Columns) -> None:
    """Refuse numbers that are no readings: a series without number, a time out of the calendar, no finite value."""
    if int(readings.series.min()) < 1:
        raise _wrong("series", int(readings.series.min()), "测项编号应大于 0", "a series number is over 0")
    if int(readings.at.min()) < _SINCE or int(readings.at.max()) >= _UPTO:
        worst = int(readings.at.min()) if int(readings.at.min()) < _SINCE else int(readings.at.max())
        raise _wrong("at", worst, "时间应在 1900 至 2200 年之间", "times lie in 1900 to 2200")
    if not bool(np.isfinite(readings.value).all()):
        raise _wrong("value", "nan", "数值应为有限数", "values must be finite numbers")


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="readings.packed", zh=f"读数消息的 {field} 有误：{zh}。", en=f"Readings message, {field}: {en}.",
        field=field, value=value,
    )  # fmt: skip
