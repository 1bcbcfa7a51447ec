"""Which department leads for a production unit: the first rule that fits its flags, industry and size decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = "none"
MANUAL = "manual"


@dataclass(frozen=True)
class Rule:
    """One rule: any of the flags (bit mask, 0: does not ask), any beginning of the industry code, any of the sizes."""

    code: str
    department: str
    city: bool
    flags: int
    industry: tuple[str, ...]
    sizes: frozenset[str]
    cite: str
    mark: str


def rules_of(entries: Sequence[Mapping[str, Any]], bits: Mapping[str, int]) -> tuple[Rule, ...]:
    """Return the rules of a pack. `bits`: flag → its bit. KeyError for a flag that isn't one, ValueError for a rule that
    asks nothing or has no citation."""
    found = []
    for entry in entries:
        mask = sum(1 << bits[flag] for flag in entry.get("flags", ()))
        industry, sizes = tuple(entry.get("industry", ())), frozenset(entry.get("sizes", ()))
        if not (mask or industry or sizes) or not entry.get("cite"):
            raise ValueError(f"regulator rule {entry['code']}: asks nothing, or has no citation")
        city = entry.get("level", "county") == "city"
        found.append(
            Rule(entry["code"], entry["department"], city, mask, industry, sizes, entry["cite"], entry.get("mark", ""))
        )
    return tuple(found)


def assign(
    rules: Sequence[Rule], industry: Sequence[str], flags: Sequence[int], size: Sequence[str]
) -> NDArray[np.int32]:
    """Return for each unit the place of the first rule that fits it, -1 where none does. Three columns of one length.

    Give distinct combinations: a city's 667,000 units have some thousands.
    """
    codes = np.asarray(industry, dtype="U5")
    masks = np.asarray(flags, dtype=np.int64)
    sizes = np.asarray(size, dtype="U12")
    found = np.full(len(codes), -1, dtype=np.int32)
    for place, rule in enumerate(rules):
        fits = found < 0
        if rule.flags:
            fits &= (masks & rule.flags) != 0
        if rule.sizes:
            fits &= np.isin(sizes, sorted(rule.sizes))
        if rule.industry:
            begins = np.zeros(len(codes), dtype=bool)
            for prefix in rule.industry:
                begins |= np.char.startswith(codes, prefix)
            fits &= begins
        found[fits] = place
    return found
