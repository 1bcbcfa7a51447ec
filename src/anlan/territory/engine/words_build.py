"""Building the index of words: texts folded, numbered by character, their pairs sorted. See `words`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory.engine.words import BIT, BITS, END, MANY, Array, Words, spans

BLOCK = 1_000_000  # rows sorted at once: bounds the memory of building
UNICODE = 0x110000


def folded(texts: pa.Array) -> pa.Array:
    """Return texts as they are compared: NFKC, small letters, white space as blanks, "" for null."""
    plain = pc.fill_null(texts, "")
    for sign in "\n\r\t":
        if pc.any(pc.match_substring(plain, sign)).as_py():
            plain = pc.replace_substring(plain, sign, " ")
    return pc.utf8_lower(pc.utf8_normalize(plain, form="NFKC"))


def words_build(texts: pa.Array) -> Words:
    """Return the index of n texts (Arrow strings, folded)."""
    texts = texts.cast(pa.large_string())
    closed = pc.binary_join_element_wise(texts, pa.scalar("", pa.large_string()), pa.scalar(END, pa.large_string()))
    n = len(closed)
    sizes = pc.utf8_length(closed).to_numpy(zero_copy_only=False).astype("i8")
    starts = np.zeros(n + 1, dtype="i8")
    np.cumsum(sizes, out=starts[1:])
    points = np.frombuffer(_joined(closed).decode().encode("utf-32-le"), dtype="<u4")
    alphabet, code_of = _alphabet(points)
    chars = code_of[points]
    del points
    blocks = [_pairs(chars, starts, low, min(low + BLOCK, n), len(alphabet)) for low in range(0, n, BLOCK)]
    return Words(chars, starts.astype("u4"), alphabet, *_merge(blocks))


def _joined(texts: pa.Array) -> bytes:
    """Return the UTF-8 bytes of all texts one after the other."""
    offsets = np.frombuffer(texts.buffers()[1], dtype="i8")
    if len(texts) == 0:
        return b""
    return bytes(memoryview(texts.buffers()[2])[offsets[texts.offset] : offsets[texts.offset + len(texts)]])


def _alphabet(points: Array) -> tuple[Array, Array]:
    """Return the different code points, END first as the smallest, and the table from code point to code (u2)."""
    there = np.zeros(UNICODE, dtype=bool)
    there[points] = True
    there[ord(END)] = True
    there[: ord(END)] = False  # signs below the line end can't be searched for
    alphabet = np.flatnonzero(there).astype("u4")
    code_of = np.zeros(UNICODE, dtype="u2")
    code_of[alphabet] = np.arange(len(alphabet))
    return alphabet, code_of


def _pairs(chars: Array, starts: Array, low: int, high: int, size: int) -> tuple[Array, ...]:
    """Return (keys, counts, rows, places, several, masks) of the pairs of the rows [low, high), by key, then row."""
    first, last = int(starts[low]), int(starts[high])
    here = chars[first:last]
    sizes = np.diff(starts[low : high + 1])
    # One number holds all three, so that one plain sort orders them: key (32 bits), row in the block (24), place (8).
    packed = here[:-1].astype("u8") * np.uint64(size)
    packed += here[1:]
    packed <<= np.uint64(32)
    packed |= np.repeat(np.arange(high - low, dtype="u4") << np.uint32(8), sizes)[:-1]
    place = np.arange(last - first, dtype="i4") - np.repeat((starts[low:high] - first).astype("i4"), sizes)
    packed |= np.minimum(place, MANY).astype("u1")[:-1]
    packed = packed[here[:-1] != 0]
    packed.sort()
    fresh = np.ones(len(packed), dtype=bool)
    np.greater(packed[1:] ^ packed[:-1], np.uint64(0xFF), out=fresh[1:])
    entry = packed[fresh]
    keys, counts = _runs((entry >> np.uint64(32)).astype("u4"))
    places, several, masks = _several(packed, entry, fresh)
    rows = (entry >> np.uint64(8) & np.uint64(0xFFFFFF)).astype("u4") + np.uint32(low)
    return keys, counts, rows, places, several, masks


def _several(packed: Array, entry: Array, fresh: Array) -> tuple[Array, Array, Array]:
    """Return (places, several, masks): the place of each entry, and a bit for each place where there are more."""
    places = entry.astype("u1")
    start = np.flatnonzero(fresh) if not fresh.all() else None
    if start is not None:
        places[np.searchsorted(start, np.flatnonzero(~fresh), side="right") - 1] = MANY
    several = np.flatnonzero(places == MANY)
    if not len(several):
        return places, several.astype("u4"), np.zeros(0, dtype="u8")
    first = several if start is None else start[several]
    size = np.ones(len(several), "i8") if start is None else np.diff(start, append=len(packed))[several]
    bits = BIT[np.minimum(packed[spans(first, first + size)].astype("u1"), BITS - 1)]
    return places, several.astype("u4"), np.bitwise_or.reduceat(bits, np.cumsum(size) - size)


def _runs(values: Array) -> tuple[Array, Array]:
    """Return the different values of an ascending array and how often each comes."""
    if not len(values):
        return values, np.zeros(0, dtype="i8")
    fresh = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    edges = np.flatnonzero(fresh)
    return values[edges], np.diff(edges, append=len(values))


def _merge(blocks: list[tuple[Array, ...]]) -> tuple[Array, ...]:
    """Return (keys, offsets, rows, places, several, masks) of all blocks: within each key block after block, so that
    rows ascend."""
    if len(blocks) == 1:
        keys, counts, rows, places, several, masks = blocks[0]
        return keys, np.concatenate([[0], np.cumsum(counts)]).astype("u4"), rows, places, several, masks
    keys = np.unique(np.concatenate([block[0] for block in blocks])) if blocks else np.zeros(0, "u4")
    totals = np.zeros(len(keys), dtype="i8")
    for block in blocks:
        totals[np.searchsorted(keys, block[0])] += block[1]
    offsets = np.concatenate([[0], np.cumsum(totals)])
    rows, places, mask_of = np.empty(offsets[-1], "u4"), np.empty(offsets[-1], "u1"), np.zeros(offsets[-1], "u8")
    free = offsets[:-1].copy()
    for own, counts, block_rows, block_places, several, masks in blocks:
        at = np.searchsorted(keys, own)
        target = spans(free[at], free[at] + counts)
        rows[target], places[target], mask_of[target[several]] = block_rows, block_places, masks
        free[at] += counts
    several = np.flatnonzero(mask_of)
    return keys.astype("u4"), offsets.astype("u4"), rows, places, several.astype("u4"), mask_of[several]
