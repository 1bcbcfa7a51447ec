"""May two reports speak of one event? Told by place, time and class, with the reasons in words (疑似重复)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from anlan.response.engine.event_types import kinship
from anlan.response.engine.plan import Words

NEAR_KM = 5.0
FAR_KM = 20.0
ABREAST_KM = 2.0  # so near, reports of different classes may be of one event: smoke, a blast, a collapse
RELATED = 0.7
HOURS = 48.0
EARTH_KM = 6371.0


class Seen(NamedTuple):
    """Where, when and what: degrees WGS-84 or None; division; class "" unknown."""

    lon: float | None
    lat: float | None
    division: str
    at: datetime
    type_code: str


class Alike(NamedTuple):
    """How alike, 0 to 3.2, and why."""

    score: float
    km: float | None
    why: tuple[Words, ...]


def alike(one: Seen, other: Seen) -> Alike | None:
    """Return how alike two are; None when they can't be one event: too far apart, days between, or another class unless
    they are side by side."""
    hours = abs((one.at - other.at).total_seconds()) / 3600
    kind = kinship(one.type_code, other.type_code)
    km = distance_km(one, other)
    apart = FAR_KM if kind >= RELATED else ABREAST_KM
    if hours > HOURS or (one.type_code and other.type_code and kind < RELATED and km is None):
        return None
    why: list[Words] = []
    if km is not None:
        if km > (apart if one.type_code and other.type_code else FAR_KM):
            return None
        place = 1.2 if km <= ABREAST_KM else 1.0 if km <= NEAR_KM else 0.4
        why.append(Words(f"相距{km:.1f}公里", f"{km:.1f} km apart"))
    else:
        length = next((n for n in (12, 9, 6) if one.division[:n] == other.division[:n] and len(one.division) >= n), 0)
        if not length or len(other.division) < length:
            return None
        place = 0.8 if length >= 9 else 0.4
        why.append(Words("同一乡镇", "same township") if length >= 9 else Words("同一县（区）", "same county"))
    why.append(Words(f"相隔{hours * 60:.0f}分钟", f"{hours * 60:.0f} min apart") if hours < 2 else
               Words(f"相隔{hours:.0f}小时", f"{hours:.0f} h apart"))  # fmt: skip
    if kind == 1.0:
        why.append(Words("同一类别", "same class"))
    elif kind >= RELATED:
        why.append(Words("类别相近", "related class"))
    elif one.type_code and other.type_code:
        why.append(Words("类别不同", "another class"))
    return Alike(place + kind + max(0.0, 1 - hours / HOURS), km, tuple(why))


def distance_km(one: Seen, other: Seen) -> float | None:
    """Return the distance over the sphere; None where either point isn't known."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    first, second = math.radians(one.lat), math.radians(other.lat)
    half = (
        math.sin((second - first) / 2) ** 2
        + math.cos(first) * math.cos(second) * math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def ranked(found: Sequence[tuple[str, Alike | None]], most: int = 5) -> list[tuple[str, Alike]]:
    """Return those that may be one event with theirs, the likeliest first, at most so many."""
    kept = [(key, one) for key, one in found if one is not None]
    return sorted(kept, key=lambda item: (-item[1].score, item[0]))[:most]
