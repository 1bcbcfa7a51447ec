"""Rows of a register that may be one and the same (疑似重复): found by shared keys, scored by likenesses, with reasons.

No pair of all rows is ever made: rows sharing a key lie side by side when sorted by it, and each is compared with its next
few neighbours only. A key that too many rows share tells nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anlan.territory.engine.sphere import great_circle_km

Ints = NDArray[np.int64]
CELL_DEGREES = 0.001
# What a company's name says of its legal form, not of itself.
_FORM = r"(股份有限公司|有限责任公司|有限公司|分公司|公司|合伙企业|个人独资企业|（个体工商户）|\(个体工商户\)|个体工商户|个体$)"
_SIGNS = r"[\s\p{P}\p{S}]+"


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows, the likeliest first: `left` < `right`, score in (0, 1], and why."""

    left: Ints
    right: Ints
    score: NDArray[np.float64]
    reasons: tuple[tuple[str, ...], ...]


def name_key(names: pa.Array) -> pa.Array:
    """Return names as they are compared: NFKC, small letters, without signs, spaces and words of legal form."""
    plain = pc.utf8_lower(pc.utf8_normalize(names, form="NFKC"))
    bare = pc.replace_substring_regex(pc.replace_substring_regex(plain, _SIGNS, ""), _FORM, "")
    return pc.if_else(pc.equal(bare, ""), plain, bare)


def find(table: pa.Table, rule: Mapping[str, Any], *, window: int, most_block: int, threshold: float) -> Pairs:
    """Return the pairs at or above the threshold. `rule`: keys, weights, near_m, alike, apart of one register.

    Columns: division, name; and where the register has them uscc, legacy, phone, address, kind, citizen (text, ""
    where empty), lon, lat (null where empty).
    """
    keys = _keys(table)
    left, right = _candidates(table, keys, rule["keys"], window, most_block)
    if not len(left):
        return Pairs(left, right, np.zeros(0), ())
    factor = np.where(_two_codes(keys, left, right), rule["apart"], 1.0)
    likenesses = _likenesses(table, keys, left, right, rule)
    rest = np.ones(len(left))
    for name, mask in likenesses.items():
        rest *= np.where(mask, 1 - rule["weights"][name], 1.0)
    if "alike" in rule["weights"]:
        # Names are taken apart only where their being alike would bring a pair over the threshold.
        weight = rule["weights"]["alike"]
        ask = (keys["name"][left] != keys["name"][right]) & ((1 - rest * (1 - weight)) * factor >= threshold - 1e-9)
        likenesses["alike"] = _alike(table, left, right, ask, rule["alike"])
        rest *= np.where(likenesses["alike"], 1 - weight, 1.0)
    score = (1 - rest) * factor
    good = np.flatnonzero(score >= threshold - 1e-9)
    good = good[np.lexsort((right[good], left[good], -score[good]))]
    reasons = tuple(tuple(name for name, mask in likenesses.items() if mask[row]) for row in good)
    return Pairs(left[good], right[good], np.round(score[good], 4), reasons)


def _keys(table: pa.Table) -> dict[str, Ints]:
    """Return every key as numbers, -1 where a row has none; equal numbers, equal keys."""
    names = set(table.column_names)
    name = name_key(table["name"].combine_chunks())
    county = pc.utf8_slice_codeunits(table["division"].combine_chunks(), 0, 6)
    found = {"name": _coded(name), "name_county": _coded(pc.binary_join_element_wise(county, name, "|"), name)}
    for column in ("phone", "address", "kind", "citizen"):
        if column in names:
            found[column] = _coded(table[column].combine_chunks())
    if "uscc" in names:
        uscc = table["uscc"].combine_chunks()
        legacy = pc.replace_substring_regex(pc.utf8_upper(table["legacy"].combine_chunks()), r"[\s-]+", "")
        own = pc.equal(pc.utf8_length(uscc), 18)
        old = pc.if_else(pc.equal(pc.utf8_length(legacy), 9), legacy, "")
        found["organisation"] = _coded(pc.if_else(own, pc.utf8_slice_codeunits(uscc, 8, 17), old))
        found["uscc"] = _coded(uscc)
    if {"lon", "lat"} <= names:
        start = pc.utf8_slice_codeunits(name, 0, 2)
        cell = _cells(table)
        begin = _coded(start)
        found["cell"] = np.where(cell >= 0, cell * (begin.max(initial=0) + 2) + begin, -1)
    return found


def _cells(table: pa.Table) -> Ints:
    """Number the cells of a thousandth of a degree (about 100 m), -1 where a row has no point."""
    lon, lat = (table[name].combine_chunks().to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    there = ~(np.isnan(lon) | np.isnan(lat))
    x = np.where(there, np.floor((np.nan_to_num(lon) + 180) / CELL_DEGREES), 0).astype(np.int64)
    y = np.where(there, np.floor((np.nan_to_num(lat) + 90) / CELL_DEGREES), 0).astype(np.int64)
    return np.where(there, x * 200_000 + y, -1)


def _coded(values: pa.Array, filled: pa.Array | None = None) -> Ints:
    """Number the values; -1 where the value (or `filled`) is empty."""
    coded = pc.dictionary_encode(values)
    numbers = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    empty = pc.equal(filled if filled is not None else values, "").fill_null(True).to_numpy(zero_copy_only=False)
    return np.where(empty, -1, numbers)


def _candidates(
    table: pa.Table, keys: Mapping[str, Ints], wanted: Sequence[str], window: int, most_block: int
) -> tuple[Ints, Ints]:
    """Return the distinct pairs of rows that share a key and lie near each other in order of name."""
    size = table.num_rows
    packed: list[Ints] = []
    for key in (keys[name] for name in wanted if name in keys):
        rows = np.flatnonzero(key >= 0)
        order = rows[np.lexsort((rows, keys["name"][rows], key[rows]))]
        sorted_key = key[order]
        counts = np.unique(sorted_key, return_counts=True)[1]
        small = np.repeat(counts <= most_block, counts)
        for step in range(1, window + 1):
            together = np.flatnonzero((sorted_key[step:] == sorted_key[:-step]) & small[:-step])
            if not len(together):
                break
            a, b = order[together], order[together + step]
            packed.append(np.minimum(a, b) * size + np.maximum(a, b))
    pairs = np.unique(np.concatenate(packed)) if packed else np.zeros(0, dtype=np.int64)
    return pairs // max(size, 1), pairs % max(size, 1)


def _likenesses(
    table: pa.Table, keys: Mapping[str, Ints], left: Ints, right: Ints, rule: Mapping[str, Any]
) -> dict[str, NDArray[np.bool_]]:
    """Return likeness → which pairs have it, in the order of the rule's weights."""
    found: dict[str, NDArray[np.bool_]] = {}
    same = {name: (key[left] >= 0) & (key[left] == key[right]) for name, key in keys.items()}
    for name in rule["weights"]:
        if name == "near":
            found[name] = _near(table, left, right, rule["near_m"])
        elif name in same:
            found[name] = same[name]
    return found


def _near(table: pa.Table, left: Ints, right: Ints, metres: float) -> NDArray[np.bool_]:
    lon, lat = (table[name].combine_chunks().to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    km = great_circle_km(lon[left], lat[left], lon[right], lat[right])
    near: NDArray[np.bool_] = np.nan_to_num(km, nan=np.inf) * 1000 <= metres
    return near


def _alike(table: pa.Table, left: Ints, right: Ints, ask: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Are the names alike though not the same: Dice's coefficient of their pairs of letters, at least `least`."""
    found = np.zeros(len(left), dtype=bool)
    rows = np.flatnonzero(ask)
    used = np.unique(np.concatenate([left[rows], right[rows]]))
    texts = name_key(table["name"].combine_chunks().take(pa.array(used))).to_pylist()
    grams = {row: _grams(text) for row, text in zip(used.tolist(), texts, strict=True)}
    for place, a, b in zip(rows.tolist(), left[rows].tolist(), right[rows].tolist(), strict=True):
        one, two = grams[a], grams[b]
        found[place] = 2 * len(one & two) >= least * (len(one) + len(two)) and bool(one & two)
    return found


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset({text})


def _two_codes(keys: Mapping[str, Ints], left: Ints, right: Ints) -> NDArray[np.bool_]:
    """Have both a credit code, two different ones? Two entries of one organisation under one name are not two."""
    if "uscc" not in keys:
        return np.zeros(len(left), dtype=bool)
    both = (keys["uscc"][left] >= 0) & (keys["uscc"][right] >= 0) & (keys["uscc"][left] != keys["uscc"][right])
    one = (keys["organisation"][left] == keys["organisation"][right]) & (keys["name"][left] == keys["name"][right])
    return np.asarray(both & ~one, dtype=bool)
