"""Why two entries of two code lists may be one division: the facts, and how sure they make one.

Facts (keys of the evidence): `same_name`, `same_stem` (equal but for the rank: 偃师市, 偃师区), `same_parent` (the parent,
or what it became), `tail` (same last digits), `unique` (no other of that name about), `common`/`of_old`/`of_new`
(children held in common, and of how many), `km` (distance of surveyed points), `overlap` (share of the old outline in
the new), `only_left` (the one code gone and the one code new in that parent), `follows` (the change above it).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from anlan.territory.engine.tree import Listed

MEAN_RADIUS_KM = 6371.0088
FAR_KM = 50.0
LEAST = 0.4  # below this nothing is proposed
FEW_CHILDREN = 3


def distance_km(one: Listed, two: Listed) -> float | None:
    """Return the great-circle distance of two surveyed points in km (mean radius); None where one has none."""
    if not (one.surveyed and two.surveyed):
        return None
    (a, b), (c, d) = (map(math.radians, (float(row.lon or 0), float(row.lat or 0))) for row in (one, two))
    half = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return round(2 * MEAN_RADIUS_KM * math.asin(math.sqrt(half)), 2)


def confidence(facts: Mapping[str, Any]) -> float:
    """Return how sure the facts make one, 0 to 1: each is a chance of being right, taken as independent.

    The chances are ours (no published figures exist); they only order proposals, a person decides each.
    """
    chances = [_by_name(facts), _by_children(facts), 0.95 * float(facts.get("overlap") or 0), _by_distance(facts)]
    if facts.get("only_left"):
        chances.append(0.45)
    if facts.get("follows") and facts.get("tail"):
        chances.append(0.8)
    wrong = math.prod(1 - chance for chance in chances)
    far = (facts.get("km") or 0) > FAR_KM
    return round((1 - wrong) * (0.5 if far else 1.0), 2)


def _by_name(facts: Mapping[str, Any]) -> float:
    here, unique = bool(facts.get("same_parent")), bool(facts.get("unique"))
    if facts.get("same_name"):
        return 0.95 if here else 0.7 if unique else 0.1
    if facts.get("same_stem"):
        return 0.9 if here else 0.6 if unique else 0.1
    return 0.0


def _by_children(facts: Mapping[str, Any]) -> float:
    """Children of equal name: as much as the larger of the two shares, less where there are only a few of them."""
    count = int(facts.get("common") or 0)
    if not count:
        return 0.0
    share = max(count / max(1, int(facts["of_old"])), count / max(1, int(facts["of_new"])))
    return share * (0.95 if count >= FEW_CHILDREN else 0.6)


def _by_distance(facts: Mapping[str, Any]) -> float:
    km = facts.get("km")
    if km is None:
        return 0.0
    return 0.6 if km < 1 else 0.4 if km < 3 else 0.0
