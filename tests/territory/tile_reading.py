"""Reads a vector tile by the specification alone, so that the encoder is not judged by itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
            yield key >> 3, value
        else:
            size, at = (8, at) if kind == 1 else (4, at) if kind == 5 else varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size


def packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)


def plain(data: bytes) -> Any:
    number, value = next(fields(data))
    if number == 1:
        return value.decode()
    if number == 3:
        return struct.unpack("<d", value)[0]
    return {4: value, 5: value, 6: signed(value) if number == 6 else value, 7: bool(value) if number == 7 else value}[
        number
    ]


def decode(tile: bytes) -> dict[str, list[tuple[int, int, int, dict[str, Any]]]]:
    """Return by layer (id, x, y, properties) of every feature; AssertionError where the tile breaks the specification."""
    found = {}
    for number, layer in fields(tile):
        assert number == 3
        parts: dict[int, list[Any]] = {}
        for part, value in fields(layer):
            parts.setdefault(part, []).append(value)
        assert parts[15] == [2] and parts[5] == [4096]
        keys, values = [key.decode() for key in parts.get(3, [])], [plain(v) for v in parts.get(4, [])]
        assert len(set(keys)) == len(keys) and len(set(parts.get(4, []))) == len(values)
        rows = []
        for feature in parts[2]:
            own = dict(fields(feature))
            command, x, y = packed(own[4])
            tags = packed(own.get(2, b""))
            assert own[3] == 1 and command == 9
            given = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
            rows.append((own.get(1, 0), signed(x), signed(y), given))
        found[parts[1][0].decode()] = rows
    return found
