"""QR codes of labels: the drawn modules are read back by a reader written here from the standard, not from the engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.territory.engine.qr import _BLOCKS, _patterns, qr_matrix

MASKS = (
    lambda y, x: (x + y) % 2, lambda y, x: y % 2, lambda y, x: x % 3, lambda y, x: (x + y) % 3,
    lambda y, x: (x // 3 + y // 2) % 2, lambda y, x: x * y % 2 + x * y % 3, lambda y, x: (x * y % 2 + x * y % 3) % 2,
    lambda y, x: ((x + y) % 2 + x * y % 3) % 2,
)  # fmt: skip


def read(modules: np.ndarray) -> bytes:
    """Read a code of level M in byte mode without mending anything."""
    size = len(modules)
    version = (size - 17) // 4
    format_bits = [modules[at, 8] for at in (0, 1, 2, 3, 4, 5, 7, 8)] + [modules[8, at] for at in (7, 5, 4, 3, 2, 1, 0)]
    code = sum(int(bit) << at for at, bit in enumerate(format_bits)) ^ 0x5412
    assert code >> 13 == 0, "level M"
    mask = MASKS[code >> 10 & 7]
    free = _patterns(version) == 2
    bits, upward = [], True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in reversed(range(size)) if upward else range(size):
            for column in (right, right - 1):
                if free[row, column]:
                    bits.append(int(modules[row, column]) ^ (mask(row, column) == 0))
        upward = not upward
    words = [int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8)]
    sizes = [size for count, size in _BLOCKS[version][1] for _ in range(count)]
    blocks: list[list[int]] = [[] for _ in sizes]
    at = 0
    for turn in range(max(sizes)):
        for block, length in zip(blocks, sizes, strict=True):
            if turn < length:
                block.append(words[at])
                at += 1
    data = "".join(f"{word:08b}" for block in blocks for word in block)
    assert data[:4] == "0100"
    head = 12 if version < 10 else 20
    length = int(data[4:head], 2)
    return bytes(int(data[head + 8 * n : head + 8 * n + 8], 2) for n in range(length))


@given(st.text(min_size=1, max_size=70))
@settings(max_examples=40)
def test_what_is_drawn_is_what_was_written(text: str) -> None:
    modules = qr_matrix(text)
    assert read(modules) == text.encode()
    assert set(np.unique(modules)) == {0, 1}
    assert (len(modules) - 17) % 4 == 0


@pytest.mark.parametrize("length", [14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213])
def test_every_version_is_used_up_to_its_last_byte(length: int) -> None:
    assert read(qr_matrix("u" * length)) == b"u" * length


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="214 bytes"):
        qr_matrix("x" * 214)
