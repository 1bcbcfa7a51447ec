"""CAP polygons and circles: text → numbers, and what is wrong with a ring (CAP 1.2 §3.2.4). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

Ring = tuple[tuple[float, float], ...]
"""Points (longitude, latitude) in WGS-84 degrees, as many and in the order of the text."""

MOST_POINTS: Final = 200_000  # of one message; the largest alerts in use have half of it
LONGEST_PAIR: Final = 100
HALF_EARTH_KM: Final = 20_100.0
_BLANKS: Final = bytes.maketrans(b"\t\r\n\f\v", b"     ")
_NUMBERS: Final = msgspec.json.Decoder(list[float])
_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_WORD: Final = re.compile(r"\S+")
_PAIR: Final = re.compile(rf"({_NUMBER}),({_NUMBER})\Z", re.ASCII)
_CIRCLE: Final = re.compile(rf"({_NUMBER}),({_NUMBER})\s+({_NUMBER})\Z", re.ASCII)


def flat(text: str) -> list[float]:
    """lat, lon, lat, lon … of a polygon's text. Raises ValueError when it is no list of pairs, or too long."""
    raw = text.strip().encode("utf-8", "replace").translate(_BLANKS)
    while b"  " in raw:
        raw = raw.replace(b"  ", b" ")
    marks = raw.translate(None, b"0123456789.-")
    count = len(marks) // 2 + 1
    if count > MOST_POINTS:
        raise ValueError(f"more than {MOST_POINTS} points")
    if marks == b", " * (count - 1) + b",":
        try:
            return _NUMBERS.decode(b"[" + raw.replace(b" ", b",") + b"]")
        except msgspec.DecodeError:
            pass  # numbers that are good but no JSON: 05.1, .5, 5.
    return _slowly(text)


def _slowly(text: str) -> list[float]:
    found: list[float] = []
    for pair in _WORD.finditer(text):  # one at a time: a hostile text has millions of them
        match = _PAIR.match(pair[0]) if len(pair[0]) < LONGEST_PAIR else None
        if match is None or len(found) > 2 * MOST_POINTS:
            raise ValueError(f"{pair[0][:40]!r} is not lat,lon, or there are too many")
        found += (float(match[1]), float(match[2]))
    if not found:
        raise ValueError("is empty")
    return found


def ring(text: str) -> Ring:
    """The points of a polygon as (longitude, latitude). Raises ValueError when the text is no list of lat,lon pairs.

    >>> ring("34,113 34,113.5 34.5,113.5 34,113")
    ((113.0, 34.0), (113.5, 34.0), (113.5, 34.5), (113.0, 34.0))
    """
    numbers = flat(text)
    return tuple(zip(numbers[1::2], numbers[::2], strict=True))


def circle(text: str) -> tuple[float, float, float]:
    """Longitude, latitude and radius in km of a circle. Raises ValueError when the text is not "lat,lon radius".

    >>> circle("32.9525,-115.5527 0")
    (-115.5527, 32.9525, 0.0)
    """
    match = _CIRCLE.match(text.strip()) if len(text) < LONGEST_PAIR else None
    if match is None:
        raise ValueError(f"{text[:40]!r} is not lat,lon radius")
    return float(match[2]), float(match[1]), float(match[3])


def ring_text(points: Sequence[tuple[float, float]], digits: int = 5) -> str:
    """Points (longitude, latitude) as a CAP polygon, "lat,lon lat,lon …"."""
    return " ".join(f"{lat:.{digits}f},{lon:.{digits}f}" for lon, lat in points)


def unwrapped(numbers: Sequence[float]) -> list[float]:
    """The ring (lat, lon, …) with every step taken the short way: longitudes may then leave ±180."""
    found = list(numbers)
    turn = 0.0
    for at in range(3, len(found), 2):
        step = numbers[at] - numbers[at - 2]
        turn += -360.0 if step > 180 else 360.0 if step < -180 else 0.0
        found[at] += turn
    return found


def crosses_180(numbers: Sequence[float]) -> bool:
    """Tell whether a step of the ring (lat, lon, …) is longer than 180 degrees, that is: goes over longitude 180."""
    lon = numbers[1::2]
    if max(lon) - min(lon) <= 180:
        return False
    return any(abs(b - a) > 180 for a, b in pairwise(lon))


SMALL: Final = 40  # numbers of a ring that are looked at here before GEOS is asked
# Pairs of edges GEOS may have to compare for one message, at about 5 ns each; of a ring of more edges than `MANY` only
# those whose boxes can overlap are counted.
MOST_PAIRS: Final = 40_000_000
MANY: Final = 2_000
AT_ONCE: Final = 100_000  # numbers handed to GEOS together: its rings take some memory


def crossing(rings: Sequence[Sequence[float]]) -> list[bool | None]:
    """For each closed ring (lat, lon, …) of one message: does it cross or touch itself; None = too costly to say."""
    found: list[bool | None] = [False if len(one) <= SMALL and _convex(one) else None for one in rings]
    left = MOST_PAIRS
    asked: list[int] = []
    numbers: list[float] = []
    for at, one in enumerate(rings):
        if found[at] is None:
            edges = len(one) // 2
            left -= edges * edges // 2 if edges < MANY else _overlapping(one)
            if left >= 0:
                asked.append(at)
                numbers += unwrapped(one) if crosses_180(one) else one
        if asked and (len(numbers) > AT_ONCE or at == len(rings) - 1):
            counts = [len(rings[one]) // 2 for one in asked]
            for which, simple in zip(asked, _simple(numbers, counts), strict=True):
                found[which] = not simple
            asked, numbers = [], []
    return found


def _simple(numbers: list[float], counts: list[int]) -> list[bool]:
    """Whether GEOS finds no crossing in rings of so many points."""
    import numpy as np
    import shapely

    points = np.array(numbers).reshape(-1, 2)
    if len(counts) == 1:
        return [bool(shapely.is_simple(shapely.linearrings(points)))]
    rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(counts)), counts))
    return [bool(one) for one in shapely.is_simple(rings)]


def _convex(numbers: Sequence[float]) -> bool:
    """Tell whether a closed ring turns one way only, once around: then it can't cross itself."""
    x0, y0 = numbers[-4], numbers[-3]
    x1, y1 = numbers[0], numbers[1]
    west, turns, side = x1 < x0, 0, 0.0
    for at in range(2, len(numbers), 2):
        x2, y2 = numbers[at], numbers[at + 1]
        cross = (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
        if cross * side < 0 or cross == 0:
            return False
        side = cross
        if (x2 < x1) != west:
            west, turns = not west, turns + 1
        x0, y0, x1, y1 = x1, y1, x2, y2
    return turns <= 2


def _overlapping(numbers: Sequence[float]) -> int:
    """How many pairs of edges overlap in latitude, or in longitude when those are fewer: what GEOS has to compare."""
    import numpy as np

    points = np.array(numbers).reshape(-1, 2)
    counts = []
    for values in (points[:, 0], points[:, 1]):
        low, high = np.minimum(values[:-1], values[1:]), np.maximum(values[:-1], values[1:])
        counts.append(int(np.searchsorted(np.sort(low), high, side="right").sum()) - len(low) * (len(low) - 1) // 2)
    return min(counts)
