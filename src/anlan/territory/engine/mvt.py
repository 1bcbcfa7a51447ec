"""Mapbox Vector Tiles, version 2.1, of points: arrays in, bytes out, all features at once.

The bytes of a feature are laid side by side as columns, one column per byte that any feature needs there, -1 where a
feature needs none; what remains after the -1 are taken out is the tile. Source: Vector Tile Specification 2.1 and
Protocol Buffers encoding (varint, zigzag). Compressing is the caller's.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine.curve import Ints

EXTENT = 4096
Value = str | int | float | bool
Bytes = NDArray[np.int16]


@dataclass(frozen=True)
class Coded:
    """A property: feature i has `values[codes[i]]`, and doesn't have the property where `codes[i]` is below 0."""

    codes: NDArray[Any]
    values: Sequence[Value]

    def take(self, which: Ints) -> Coded:
        """Return the property of some of the features."""
        return Coded(self.codes[which], self.values)


@dataclass(frozen=True)
class PointLayer:
    """n points at `x`, `y` in units of the tile (0 to 4096 from its north-west corner), with `ids` below 2^63."""

    name: str
    x: Ints
    y: Ints
    ids: NDArray[Any]
    properties: Mapping[str, Coded] = field(default_factory=dict)


def encode_layers(layers: Sequence[PointLayer]) -> bytes:
    """Return the tile of some layers; layers without features are left out, so an empty tile is no bytes."""
    return b"".join(_field(3, _layer(layer)) for layer in layers if len(layer.x))


def _layer(layer: PointLayer) -> bytes:
    tags: list[Bytes] = []
    keys: list[bytes] = []
    values: list[bytes] = []
    known: dict[bytes, int] = {}
    for name, coded in layer.properties.items():
        used = np.flatnonzero(np.bincount(coded.codes[coded.codes >= 0]))
        place = np.full(int(used[-1]) + 1 if len(used) else 1, -1, np.int64)
        for code in used.tolist():
            value = _value(coded.values[code])
            if value not in known:
                known[value] = len(values)
                values.append(value)
            place[code] = known[value]
        tags += _tag(len(keys), np.where(coded.codes >= 0, place[np.maximum(coded.codes, 0)], -1))
        keys.append(name.encode())
    return b"".join(
        [
            _field(1, layer.name.encode()),
            _features(layer, tags),
            *(_field(3, key) for key in keys),
            *(_field(4, value) for value in values),
            b"\x28" + _varint(EXTENT),
            b"\x78\x02",
        ]
    )


def _features(layer: PointLayer, tags: list[Bytes]) -> bytes:
    """Return every feature of a layer, one after the other."""
    count = len(layer.x)
    place = [*_varints(_zigzag(layer.x)), *_varints(_zigzag(layer.y))]
    body = [_byte(0x08, count), *_varints(np.asarray(layer.ids).astype(np.int64))]
    if tags:
        body += [_byte(0x12, count), *_varints(_length(tags)), *tags]
    # Type 3 is the geometry's kind (1: point), 9 the command "move to, once".
    body += [_byte(0x18, count), _byte(0x01, count), _byte(0x22, count), *_varints(_length(place) + 1)]
    body += [_byte(0x09, count), *place]
    whole = np.stack([_byte(0x12, count), *_varints(_length(body)), *body])
    flat = np.ascontiguousarray(whole.T).ravel()
    return flat[flat >= 0].astype(np.uint8).tobytes()


def _tag(key: int, value: Ints) -> list[Bytes]:
    """Return the bytes of one key and value number by feature; none where the value is below 0."""
    columns = [np.full(len(value), byte, np.int16) for byte in _varint(key)] + _varints(np.maximum(value, 0))
    return [np.where(value >= 0, column, np.int16(-1)) for column in columns]


def _byte(value: int, count: int) -> Bytes:
    return np.full(count, value, np.int16)


def _length(columns: Sequence[Bytes]) -> Ints:
    total = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        total += column >= 0
    return total


def _zigzag(value: Ints) -> Ints:
    return np.asarray(value << 1 ^ value >> 63)


def _varints(value: Ints) -> list[Bytes]:
    """Return the bytes of numbers as columns, least first, -1 beyond the end of each."""
    most = int(value.max())
    columns = []
    for shift in range(0, max(most.bit_length(), 1), 7):
        rest = value >> shift
        column = np.where(rest > 0x7F, rest & 0x7F | 0x80, rest)
        columns.append((np.where(rest > 0, column, -1) if shift else column).astype(np.int16))
    return columns


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _value(value: Value) -> bytes:
    """Return one value as the message of its kind."""
    if isinstance(value, bool | np.bool_):
        return b"\x38" + (b"\x01" if value else b"\x00")
    if isinstance(value, int | np.integer):
        return b"\x28" + _varint(int(value)) if value >= 0 else b"\x30" + _varint(-2 * int(value) - 1)
    if isinstance(value, float | np.floating):
        return b"\x19" + struct.pack("<d", float(value))
    return _field(1, str(value).encode())
