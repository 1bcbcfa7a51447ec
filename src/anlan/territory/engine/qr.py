"""QR codes (GB/T 18284, ISO/IEC 18004) for point labels: byte mode, versions 1 to 10, error level M. Numbers in, a
matrix of modules out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.uint8]

# Level M by version: check bytes a block, blocks of the first and second size (data bytes each).
_BLOCKS: Final = {
    1: (10, ((1, 16),)), 2: (16, ((1, 28),)), 3: (26, ((1, 44),)), 4: (18, ((2, 32),)), 5: (24, ((2, 43),)),
    6: (16, ((4, 27),)), 7: (18, ((4, 31),)), 8: (22, ((2, 38), (2, 39))), 9: (22, ((3, 36), (2, 37))),
    10: (26, ((4, 43), (1, 44))),
}  # fmt: skip
_ALIGN: Final = {2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42),
                 9: (6, 26, 46), 10: (6, 28, 50)}  # fmt: skip
_FREE: Final = 2  # a module nothing is drawn on yet


def qr_matrix(text: str) -> Matrix:
    """Return the modules of a text as an (n, n) array, 1 dark, without the quiet zone. ValueError above 213 bytes."""
    body = text.encode()
    version = next((v for v in _BLOCKS if len(body) <= _room(v)), 0)
    if not version:
        raise ValueError(f"{len(body)} bytes are more than a label's code holds ({_room(10)})")
    bits = _interleaved(_codewords(body, version), version)
    base = _patterns(version)
    free = base == _FREE
    drawn = [_masked(base, free, bits, mask) for mask in range(8)]
    return min(drawn, key=_penalty)


def _room(version: int) -> int:
    data = sum(count * size for count, size in _BLOCKS[version][1])
    return data - (2 if version < 10 else 3)


def _codewords(body: bytes, version: int) -> list[int]:
    """Return the data bytes: mode, length, text, terminator, padding."""
    length = f"{len(body):0{8 if version < 10 else 16}b}"
    text = "0100" + length + "".join(f"{byte:08b}" for byte in body)
    total = 8 * sum(count * size for count, size in _BLOCKS[version][1])
    text += "0" * min(4, total - len(text))
    text += "0" * (-len(text) % 8)
    found = [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]
    return found + [(0xEC, 0x11)[at % 2] for at in range(total // 8 - len(found))]


def _interleaved(data: Sequence[int], version: int) -> list[int]:
    """Return the bits of data and check bytes, taken from the blocks in turn."""
    checks, groups = _BLOCKS[version]
    blocks, at = [], 0
    for count, size in groups:
        for _ in range(count):
            blocks.append(list(data[at : at + size]))
            at += size
    sums = [_remainder(block, checks) for block in blocks]
    turns = [block[at] for at in range(max(map(len, blocks))) for block in blocks if at < len(block)]
    turns += [block[at] for at in range(checks) for block in sums]
    return [byte >> shift & 1 for byte in turns for shift in range(7, -1, -1)]


def _times(left: int, right: int) -> int:
    """Multiply in the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1."""
    found = 0
    while right:
        if right & 1:
            found ^= left
        left = left << 1 ^ (0x11D if left & 0x80 else 0)
        right >>= 1
    return found


def _remainder(block: Sequence[int], checks: int) -> list[int]:
    """Return the Reed–Solomon check bytes of a block."""
    divisor, root = [0] * (checks - 1) + [1], 1
    for _ in range(checks):
        divisor = [
            _times(value, root) ^ (divisor[at + 1] if at + 1 < checks else 0) for at, value in enumerate(divisor)
        ]
        root = _times(root, 2)
    found = [0] * checks
    for byte in block:
        factor = byte ^ found.pop(0)
        found.append(0)
        found = [value ^ _times(divisor[at], factor) for at, value in enumerate(found)]
    return found


def _patterns(version: int) -> Matrix:
    """Return the modules every code of a version shares; the rest is free."""
    size = 17 + 4 * version
    found = np.full((size, size), _FREE, np.uint8)
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        _finder(found, row, column)
    for at in _ALIGN.get(version, ()):
        for other in _ALIGN[version]:
            if found[at, other] == _FREE:
                _square(found, at, other)
    stripe = (np.arange(size) + 1) % 2
    for line in (found[6], found[:, 6]):
        line[line == _FREE] = stripe[line == _FREE]
    found[size - 8, 8] = 1
    _reserve(found, size)
    if version >= 7:
        _version(found, version, size)
    return found


def _finder(found: Matrix, row: int, column: int) -> None:
    size = len(found)
    for y in range(max(0, row - 1), min(size, row + 8)):
        for x in range(max(0, column - 1), min(size, column + 8)):
            away = max(abs(y - row - 3), abs(x - column - 3))
            found[y, x] = away in (0, 1, 3)


def _square(found: Matrix, row: int, column: int) -> None:
    for y in range(-2, 3):
        for x in range(-2, 3):
            found[row + y, column + x] = max(abs(y), abs(x)) != 1


def _reserve(found: Matrix, size: int) -> None:
    """Keep the places of the format bits."""
    for line in (found[8, :9], found[8, size - 8 :], found[:9, 8], found[size - 8 :, 8]):
        line[line == _FREE] = 0


def _version(found: Matrix, version: int, size: int) -> None:
    rest = version
    for _ in range(12):
        rest = rest << 1 ^ (rest >> 11) * 0x1F25
    bits = version << 12 | rest
    for at in range(18):
        bit = bits >> at & 1
        found[at // 3, size - 11 + at % 3] = bit
        found[size - 11 + at % 3, at // 3] = bit


def _masked(base: Matrix, free: NDArray[np.bool_], bits: Sequence[int], mask: int) -> Matrix:
    """Return the code with the bits laid in two-wide columns from the right, up and down, under one mask."""
    found, size, at = base.copy(), len(base), 0
    for right in (column for column in range(size - 1, 0, -2)):
        column = right if right > 6 else right - 1
        upward = (column + 1) & 2 == 0
        for step in range(size):
            row = size - 1 - step if upward else step
            for x in (column, column - 1):
                if free[row, x]:
                    found[row, x] = (bits[at] if at < len(bits) else 0) ^ _turned(mask, row, x)
                    at += 1
    _format(found, mask, size)
    return found


def _turned(mask: int, y: int, x: int) -> int:
    product = x * y
    rules = (
        (x + y) % 2, y % 2, x % 3, (x + y) % 3, (x // 3 + y // 2) % 2, product % 2 + product % 3,
        (product % 2 + product % 3) % 2, ((x + y) % 2 + product % 3) % 2,
    )  # fmt: skip
    return int(rules[mask] == 0)


def _format(found: Matrix, mask: int, size: int) -> None:
    """Draw level M (00) and the mask, twice."""
    rest = mask
    for _ in range(10):
        rest = rest << 1 ^ (rest >> 9) * 0x537
    bits = (mask << 10 | rest) ^ 0x5412
    for at in range(15):
        bit = bits >> at & 1
        first = (at, 8) if at < 6 else (at + 1, 8) if at < 8 else (8, 7) if at == 8 else (8, 14 - at)
        second = (8, size - 1 - at) if at < 8 else (size - 15 + at, 8)
        found[first] = found[second] = bit
    found[size - 8, 8] = 1


def _penalty(found: Matrix) -> int:
    """Return how hard a code is to read: runs, blocks, false finders, imbalance."""
    score = 0
    for lines in (found, found.T):
        for line in lines:
            text = "".join(map(str, line.tolist()))
            runs = np.diff(np.flatnonzero(np.concatenate(([1], np.diff(line.astype(int)) != 0, [1]))))
            score += int((runs[runs >= 5] - 2).sum())
            score += 40 * (_count(text, "10111010000") + _count(text, "00001011101"))
    same = (
        (found[:-1, :-1] == found[1:, :-1]) & (found[:-1, :-1] == found[:-1, 1:]) & (found[:-1, :-1] == found[1:, 1:])
    )
    dark = 100 * float(found.mean())
    return score + 3 * int(same.sum()) + 10 * int(abs(dark - 50) // 5)


def _count(text: str, part: str) -> int:
    return sum(text.startswith(part, at) for at in range(len(text) - len(part) + 1))
