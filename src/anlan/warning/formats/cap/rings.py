"""All polygons of one message in one pass: are they rings in range, and does one cross itself (CAP 1.2 §3.2.4). Pure.

What is no plain ring is left to `rules_area`, which looks at one after the other and has the words for what is wrong.
"""

from __future__ import annotations

import math
import struct
from typing import Final

import msgspec

from anlan.warning.formats.cap import geometry

# Points up to which a loop in Python is quicker than asking numpy.
_FEW: Final = 150
_DIGITS: Final = b"0123456789.-"
_BLANK: Final = bytes.maketrans(b"\t\r\n\f\v", b"     ")
_COMMA: Final = bytes.maketrans(b" \t\r\n\f\v;", b",,,,,,,")
_NUMBERS: Final = msgspec.json.Decoder(list[float])
# A cross product of two differences is off by no more than this share of the square of the largest difference.
_ROUNDING: Final = 2e-15


def crossings(texts: list[str]) -> list[bool | None] | None:
    """For each polygon: does it cross or touch itself (None: too costly to say).

    None for all when one of them is no plain ring: not of pairs, short, open, out of range, wider than 180 degrees.
    """
    unique = list(dict.fromkeys(texts))
    read = numbers(unique)
    if read is None:
        return None
    flat, counts = read
    if len(unique) < len(texts):
        of = dict(zip(unique, counts, strict=True))
        if sum([of[text] for text in texts]) > geometry.MOST_POINTS:
            return None
    told = _judged(flat, counts)
    if told is None or len(unique) == len(texts):
        return told
    by_text = dict(zip(unique, told, strict=True))
    return [by_text[text] for text in texts]


def numbers(texts: list[str]) -> tuple[list[float], list[int]] | None:
    """lat, lon, lat, lon … of all polygons, and how many points each has; None when one is not written plainly."""
    raw = ";".join(texts).encode("utf-8", "replace")
    marks = raw.translate(_BLANK, _DIGITS)
    if b"  " in marks:  # runs of blanks, or numbers without a comma
        raw = raw.translate(_BLANK)
        while b"  " in raw:
            raw = raw.replace(b"  ", b" ")
        marks = raw.translate(None, _DIGITS)
    parts = marks.split(b";")
    counts = [len(part) // 2 + 1 for part in parts]
    if len(parts) != len(texts) or min(counts) < 4 or sum(counts) > geometry.MOST_POINTS:
        return None
    if marks != b";".join([b", " * (count - 1) + b"," for count in counts]):
        return None
    try:
        return _NUMBERS.decode(b"[" + raw.translate(_COMMA) + b"]"), counts
    except msgspec.DecodeError:
        return None  # numbers that are good but no JSON, 05.1 or .5, or no numbers at all


def _judged(flat: list[float], counts: list[int]) -> list[bool | None] | None:
    bounds: list[int] = []  # where each ring begins and where it ends, in points
    at = 0
    for count in counts:
        end = at + count
        if flat[2 * at] != flat[2 * end - 2] or flat[2 * at + 1] != flat[2 * end - 1]:
            return None
        bounds += (at, end - 1)
        at = end
    simple = _stars(flat, counts, bounds)
    if simple is None or all(simple):
        return None if simple is None else [False] * len(counts)
    rest = [at for at, sure in enumerate(simple) if not sure]
    asked = [flat[2 * bounds[2 * at] : 2 * bounds[2 * at + 1] + 2] for at in rest]
    found: list[bool | None] = [False] * len(counts)
    for at, told in zip(rest, geometry.crossing(asked), strict=True):
        found[at] = told
    return found


def _stars(flat: list[float], counts: list[int], bounds: list[int]) -> list[bool] | None:
    """Which rings, seen from their middle, turn one way only and once around: they can't cross themselves.

    None when points are out of range, or further than 180 degrees apart. A ring that is told here is surely simple; of
    the others nothing is said.
    """
    if len(flat) > 2 * _FEW:
        return _many_stars(flat, counts, bounds)
    lats, lons = flat[::2], flat[1::2]
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    if south < -90 or north > 90 or west < -180 or east > 180 or east - west > 180:
        return None
    sure = _ROUNDING * max(north - south, east - west) ** 2
    found = []
    for first, last in zip(bounds[::2], bounds[1::2], strict=True):
        found.append(_star(lats[first : last + 1], lons[first : last + 1], sure))
    return found


def _star(lats: list[float], lons: list[float], sure: float) -> bool:
    """Tell whether one closed ring surely turns one way only around its middle, and once."""
    middle_y, middle_x = sum(lats) / len(lats), sum(lons) / len(lons)
    y0, x0 = lats[-1] - middle_y, lons[-1] - middle_x
    least, most, around = math.inf, -math.inf, 0
    points = zip(lats, lons, strict=True)
    next(points)  # the last again
    for lat, lon in points:
        y, x = lat - middle_y, lon - middle_x
        turn = y0 * x - x0 * y
        least = turn if turn < least else least
        most = turn if turn > most else most
        if y0 < 0 <= y:
            around += 1
        y0, x0 = y, x
    return (least > sure or most < -sure) and around == 1


def _many_stars(flat: list[float], counts: list[int], bounds: list[int]) -> list[bool] | None:
    """`_stars` of many points, in as few calls of numpy as will do."""
    import numpy as np

    plane = np.frombuffer(struct.pack(f"{len(flat)}d", *flat), np.complex128)
    south, west = np.minimum.reduce(plane.real), np.minimum.reduce(plane.imag)
    north, east = np.maximum.reduce(plane.real), np.maximum.reduce(plane.imag)
    if south < -90 or north > 90 or west < -180 or east > 180 or east - west > 180:
        return None
    edges = np.array(bounds[:-1])  # the edges of a ring, and the step to the next ring, which is none
    each = np.array(counts)
    arms = plane - np.repeat(np.add.reduceat(plane, edges[::2]) / each, each)
    turns = (arms[1:] * arms[:-1].conj()).imag
    below = arms.real < 0
    rises = (below[:-1] > below[1:]).view(np.int8)
    least = np.minimum.reduceat(turns, edges).tolist()[::2]
    most = np.maximum.reduceat(turns, edges).tolist()[::2]
    around = np.add.reduceat(rises, edges).tolist()[::2]
    sure = _ROUNDING * float(max(north - south, east - west)) ** 2
    return [(a > sure or b < -sure) and once == 1 for a, b, once in zip(least, most, around, strict=True)]
