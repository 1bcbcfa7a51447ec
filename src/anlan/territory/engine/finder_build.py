"""Making the columns of a finder from a register's rows, read as Arrow columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory.engine.finder import Array
from anlan.territory.engine.pinyin import SORTED_BY, Pinyin
from anlan.territory.engine.shape import NULL, Shape
from anlan.territory.engine.words import Words
from anlan.territory.engine.words_build import folded, words_build

HEX = np.full(256, 255, dtype="u1")
HEX[np.frombuffer(b"0123456789abcdef", dtype="u1")] = np.arange(16)
UUID_CHARS, NIBBLES = 36, [at for at in range(36) if at not in (8, 13, 18, 23)]
RANK_BITS = 18  # of a character's place in the order of sound; three make one number of 64 bits
DIGITS_MOST = 18
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def sorted_rows(table: pa.Table) -> pa.Table:
    """Return the rows in list order: by division, then key, byte by byte."""
    return table.take(pc.sort_indices(table, sort_keys=[("division", "ascending"), ("key", "ascending")]))


def finder_build(
    shape: Shape, table: pa.Table, pinyin: Pinyin, *, each: Mapper = map
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return arrays and meta of `Finder` for rows in list order. Columns: id (text of 36), division, key; each field of
    `shape` by its name, "" or null where empty; flags as numbers; "empty" (bit by bit `shape.empties`) as a number.
    `each` maps the long parts: give a pool's to make them side by side."""
    arrays: dict[str, Array] = {"ids": ids_of(table["id"]), "e": _number(table["empty"], "u8")}
    arrays["keys"], arrays["key_starts"] = _bytes(table["key"])
    divisions, arrays["division_starts"] = _divisions(table["division"])
    values: dict[str, list[str]] = {}
    for name in shape.filters:
        arrays[f"f:{name}"], values[name] = coded(table[name])
    for name in shape.flags:
        arrays[f"b:{name}"] = _number(table[name], "u4")
    for name in shape.numbers:
        arrays[f"v:{name}"] = numbers(table[f"number {name}"])
    for name in shape.digits:
        arrays[f"d:{name}"], arrays[f"l:{name}"] = digits_of(table[name])
    for name, index in zip(
        shape.words, each(lambda name: words_build(folded(_one(table[name]))), shape.words), strict=True
    ):
        arrays |= {f"w:{name}:{part}": array for part, array in index.arrays().items()}
        if name in shape.spoken:
            arrays[f"r:{name}"], arrays[f"p:{name}"] = _ranks(index, pinyin)
    return arrays, {"divisions": divisions, "values": values}


def ids_of(column: pa.ChunkedArray) -> Array:
    """Return the ids as bytes, u1[n,16]."""
    text = _joined(column).reshape(-1, UUID_CHARS)
    nibbles = HEX[text[:, NIBBLES]]
    return np.asarray(nibbles[:, 0::2] << 4 | nibbles[:, 1::2])


def coded(column: pa.ChunkedArray) -> tuple[Array, list[str]]:
    """Return (codes, values): the smallest whole numbers that do, in the order of the values."""
    packed = pc.fill_null(_one(column), "").dictionary_encode()
    values = packed.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    place = np.empty(len(values), dtype=np.min_scalar_type(max(len(values) - 1, 0)))
    place[order] = np.arange(len(values))
    return place[packed.indices.to_numpy()], [values[at] for at in order]


def numbers(column: pa.ChunkedArray) -> Array:
    """Return whole numbers i8[n], dates as days, times as microseconds since 1970; NULL where there is none."""
    plain = _one(column)
    if pa.types.is_date32(plain.type):
        plain = plain.cast(pa.int32())
    return np.asarray(pc.fill_null(plain.cast(pa.int64()), NULL).to_numpy())


def digits_of(column: pa.ChunkedArray) -> tuple[Array, Array]:
    """Return the last 18 digits of telephone numbers as numbers i8[n], and how many they are u1[n]."""
    digits = pc.replace_substring_regex(pc.fill_null(_one(column), ""), "[^0-9]", "")
    digits = pc.utf8_slice_codeunits(digits, -DIGITS_MOST)
    sizes = pc.utf8_length(digits).to_numpy().astype("u1")
    return pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int64()).to_numpy(), sizes


def _divisions(column: pa.ChunkedArray) -> tuple[list[str], Array]:
    codes, values = coded(column)
    return values, np.searchsorted(codes, np.arange(len(values) + 1)).astype("u4")


def _ranks(index: Words, pinyin: Pinyin) -> tuple[Array, Array]:
    """Return (rank of each row by the sound of its name, equal for equal names, u4; rows in that order, u4)."""
    order = pinyin.order(index.alphabet).astype("u8")
    sizes = np.diff(index.starts.astype("i8")) - 1
    keys = []
    for first in range(0, SORTED_BY, 3):
        key = np.zeros(index.n, dtype="u8")
        for at in range(first, first + 3):
            inside = at < np.minimum(sizes, SORTED_BY)
            chars = index.chars[np.where(inside, index.starts[:-1] + at, 0)]
            key = key << np.uint64(RANK_BITS) | np.where(inside, order[chars], 0)
        keys.append(key)
    ranked = np.lexsort(keys[::-1])
    fresh = np.zeros(index.n, dtype="u4")
    for key in keys:
        sorted_key = key[ranked]
        fresh[1:] |= sorted_key[1:] != sorted_key[:-1]
    ranks = np.empty(index.n, dtype="u4")
    ranks[ranked] = np.cumsum(fresh)
    return ranks, ranked.astype("u4")


def _number(column: pa.ChunkedArray, kind: str) -> Array:
    return np.asarray(pc.fill_null(_one(column), 0).to_numpy(zero_copy_only=False).astype(kind))


def _bytes(column: pa.ChunkedArray) -> tuple[Array, Array]:
    sizes = pc.binary_length(_one(column)).to_numpy(zero_copy_only=False)
    return _joined(column), np.concatenate([[0], np.cumsum(sizes)]).astype("u4")


def _joined(column: pa.ChunkedArray) -> Array:
    text = _one(column)
    if not len(text):
        return np.zeros(0, dtype="u1")
    kind = "i8" if pa.types.is_large_string(text.type) else "i4"
    offsets = np.frombuffer(text.buffers()[1], dtype=kind)[text.offset : text.offset + len(text) + 1]
    if offsets[-1] == offsets[0]:
        return np.zeros(0, dtype="u1")
    return np.frombuffer(text.buffers()[2], dtype="u1")[offsets[0] : offsets[-1]]


def _one(column: Any) -> Any:
    """Return a column as one run of values."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def empties(columns: Mapping[str, Array], names: tuple[str, ...]) -> Array:
    """Return u8[n]: a bit for each of `names` where `columns` say it is empty."""
    size = len(next(iter(columns.values()), []))
    found = np.zeros(size, dtype="u8")
    for bit, name in enumerate(names):
        found |= columns[name].astype("u8") << np.uint64(bit)
    return found
