"""Morton codes (Z-order, 莫顿码): one number per point such that every quadtree cell is one run of the sorted points.

The globe is laid on a square of 360 by 360 degrees, 2^31 columns by 2^31 rows, of which latitude uses the lower half; so
a cell is as many degrees wide as high. Column bits are the even bits of a code, row bits the odd ones. All functions
take and give arrays of any one shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint64]

BITS = 31
SIDE = 1 << BITS
PER_DEGREE = SIDE / 360.0

_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_PACK = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)
_CHUNK = 1 << 15  # rows at a time, so that the steps stay in the processor's cache


def columns(lon: Floats) -> Floats:
    """Return where a longitude lies, in columns (0 at -180, 2^31 at 180), not rounded. Grows with `lon`."""
    return (np.asarray(lon, np.float64) + 180.0) * PER_DEGREE


def rows(lat: Floats) -> Floats:
    """Return where a latitude lies, in rows (0 at -90, 2^30 at 90), not rounded. Grows with `lat`."""
    return (np.asarray(lat, np.float64) + 90.0) * PER_DEGREE


def interleave(x: Ints | Codes, y: Ints | Codes) -> Codes:
    """Return the code of column `x` and row `y`, whole numbers below 2^31; of any level (then below 2^level)."""
    return _spread(np.asarray(x)) | _spread(np.asarray(y)) << np.uint64(1)


def deinterleave(code: Codes) -> tuple[Ints, Ints]:
    """Return column and row of a code."""
    return _gather(code), _gather(code >> np.uint64(1))


def encode(lon: Floats, lat: Floats) -> Codes:
    """Return the code u64 of each point, in degrees; longitude 180 falls into the last column."""
    out = np.empty(len(lon), np.uint64)
    for start in range(0, len(lon), _CHUNK):
        part = slice(start, start + _CHUNK)
        x = np.minimum(columns(lon[part]), SIDE - 1).astype(np.int64)
        out[part] = interleave(x, rows(lat[part]).astype(np.int64))
    return out


def _spread(value: NDArray[np.integer]) -> Codes:
    found = value.astype(np.uint64)
    for shift, mask in _SPREAD:
        found = (found | found << np.uint64(shift)) & np.uint64(mask)
    return found


def _gather(code: Codes) -> Ints:
    found = code & np.uint64(_SPREAD[-1][1])
    for shift, mask in _PACK:
        found = (found | found >> np.uint64(shift)) & np.uint64(mask)
    return found.astype(np.int64)
