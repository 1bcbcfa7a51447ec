"""Grading of a major hazard source (重大危险源分级): R = α·Σ(βi·qi/Qi), by tables that are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Substance:
    """A substance there: name, quantity and limit (临界量) in tonnes, and its class where it is not named in the table."""

    name: str
    quantity_t: float
    limit_t: float
    kind: str = "other"


@dataclass(frozen=True)
class Grading:
    """What came out: R, the grade 1 to 4 (0: nothing there), α, and of each substance its β and its share of R."""

    r: float
    grade: int
    alpha: float
    parts: tuple[tuple[str, float, float], ...]
    version: str


def grade(rules: Mapping[str, Any], people_500m: int, substances: Sequence[Substance]) -> Grading:
    """Grade a source by the people within 500 m and what is stored. ValueError for a limit that is not above zero or a
    quantity or number of people below it.

    Source: Interim provisions on major hazard sources (2011), annex 1. Ammonia, 50 t of 10 t, 120 people: R = 20, 3.
    """
    if people_500m < 0 or any(item.limit_t <= 0 or item.quantity_t < 0 for item in substances):
        raise ValueError("people and quantities are not negative, limits are above zero")
    alpha = _first(rules["alpha"], people_500m, "value")
    parts = tuple(
        (item.name, b := beta(rules, item), alpha * b * item.quantity_t / item.limit_t) for item in substances
    )
    # Rounded where the tables' decimals end, so that a sum of tenths meets a bound it equals.
    r = round(sum(share for _, _, share in parts), 9)
    found = int(_first(rules["grades"], r, "grade")) if r > 0 else 0
    return Grading(r, found, alpha, parts, str(rules["version"]))


def beta(rules: Mapping[str, Any], item: Substance) -> float:
    """Return β: of the named toxic gas, else of the class. ValueError for a class that is none."""
    name = item.name.strip()
    named = rules["beta_named"].get(rules["aliases"].get(name.upper(), rules["aliases"].get(name, name)))
    if named is not None:
        return float(named)
    if item.kind not in rules["beta_class"]:
        raise ValueError(f"{item.kind!r} is no class of substances")
    return float(rules["beta_class"][item.kind]["value"])


def _first(steps: Sequence[Mapping[str, Any]], value: float, name: str) -> float:
    """Return the value of the first step whose `from` is at or below `value`; steps come highest first."""
    return float(next(step[name] for step in steps if value >= step["from"]))
