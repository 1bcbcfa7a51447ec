"""Identifiers over whole columns: the same answers as `engine.identifiers`, for hundreds of thousands of values.

What has the plain form is decided by arithmetic over bytes; only what has not goes through the scalar checks.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory.engine import identifiers as one

Faults = dict[int, str]


def _places(letters: str) -> np.ndarray:
    table = np.full(256, -1, np.int16)
    table[np.frombuffer(letters.encode(), np.uint8)] = np.arange(len(letters))
    return table


_USCC, _ORG, _DIGIT = _places(one.USCC_LETTERS), _places(one.ORG_LETTERS), _places("0123456789")
_CITIZEN_LAST = np.frombuffer(one.CITIZEN_CHECKS.encode(), np.uint8)
_KIND = np.zeros((256, 256), bool)
for _department, _types in one.USCC_KINDS.items():
    for _type in _types:
        _KIND[ord(_department), ord(_type)] = True


def uscc_column(values: pa.Array) -> tuple[pa.Array, Faults]:
    """Return the normalised codes and row → fault code. `values`: strings, null where empty."""
    return _column(values, 18, _uscc_good, one.uscc_normal, one.uscc_fault)


def citizen_column(values: pa.Array) -> tuple[pa.Array, Faults]:
    """Return the normalised citizen numbers and row → fault code."""
    return _column(values, 18, _citizen_good, one.citizen_normal, one.citizen_fault)


def phone_column(values: pa.Array) -> tuple[pa.Array, Faults]:
    """Return the telephones in stored form and row → fault code."""
    return _column(values, 11, _phone_good, one.phone_normal, one.phone_fault)


def _column(
    values: pa.Array,
    width: int,
    good: Callable[[np.ndarray], np.ndarray],
    normal: Callable[[str], str],
    fault: Callable[[str], str],
) -> tuple[pa.Array, Faults]:
    """Let the rows of plain form be judged as a matrix of bytes, and the others one by one."""
    plain = pc.and_(pc.equal(pc.binary_length(values), width), pc.string_is_ascii(values)).fill_null(False)
    rows = np.flatnonzero(plain.to_numpy(zero_copy_only=False))
    matrix = _matrix(values.take(pa.array(rows)), width)
    right = good(matrix) if len(rows) else np.zeros(0, bool)
    done = np.zeros(len(values), bool)
    done[rows[right]] = True
    done |= values.is_null().to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(~done)
    if not len(odd):
        return values, {}
    faults: Faults = {}
    mended: list[str] = []
    for row, text in zip(odd.tolist(), values.take(pa.array(odd)).to_pylist(), strict=True):
        mended.append(normal(text))
        found = fault(mended[-1])
        if found:
            faults[row] = found
    return pc.replace_with_mask(values, pa.array(~done), pa.array(mended, values.type)), faults


def _matrix(values: pa.Array, width: int) -> np.ndarray:
    """Return the bytes of strings that are all `width` long as rows of a matrix."""
    if not len(values):
        return np.zeros((0, width), np.uint8)
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + 1]
    data = np.frombuffer(values.buffers()[2], np.uint8)
    return data[offsets[0] : offsets[0] + width * len(values)].reshape(-1, width)


def _uscc_good(matrix: np.ndarray) -> np.ndarray:
    letters = _USCC[matrix]
    legal = (letters >= 0).all(axis=1) & (_DIGIT[matrix[:, 2:8]] >= 0).all(axis=1)
    total = letters[:, :17].astype(np.int32) @ np.array(one.USCC_WEIGHTS, np.int32)
    legal &= (31 - total % 31) % 31 == letters[:, 17]
    rest = 11 - (_ORG[matrix[:, 8:16]].astype(np.int32) @ np.array(one.ORG_WEIGHTS, np.int32)) % 11
    last = np.where(rest == 10, ord("X"), np.where(rest == 11, ord("0"), rest + ord("0")))
    return np.asarray(legal & (last == matrix[:, 16]) & _KIND[matrix[:, 0], matrix[:, 1]])


def _citizen_good(matrix: np.ndarray) -> np.ndarray:
    digits = _DIGIT[matrix[:, :17]].astype(np.int32)
    legal = (digits >= 0).all(axis=1)
    total = digits @ np.array(one.CITIZEN_WEIGHTS, np.int32)
    legal &= _CITIZEN_LAST[total % 11] == matrix[:, 17]
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    month, day = digits[:, 10] * 10 + digits[:, 11], digits[:, 12] * 10 + digits[:, 13]
    return np.asarray(legal & (year >= one.OLDEST_BIRTH) & _real_days(year, month, day))


def _real_days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    known = (month >= 1) & (month <= 12)
    last = lengths[np.where(known, month, 0)] + ((month == 2) & leap)
    return np.asarray(known & (day >= 1) & (day <= last))


def _phone_good(matrix: np.ndarray) -> np.ndarray:
    """Mobiles and exercise numbers of 11 digits."""
    digits = _DIGIT[matrix]
    legal = (digits >= 0).all(axis=1) & (digits[:, 0] == 1)
    exercise = (digits[:, 1] == 0) & (digits[:, 2] <= 2)
    return np.asarray(legal & ((digits[:, 1] >= 3) | exercise))
