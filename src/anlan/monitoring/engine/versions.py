"""Which version of a rule judges a place: an open signal keeps its own; else the most local one in force, then the
newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from anlan.monitoring.engine.columns import Ints, Mask
from anlan.monitoring.engine.machine import NORMAL, Change, state_before
from anlan.monitoring.engine.places import Plan


class Versions:
    """The plans of every rule, by place. holder: which plan a place that isn't plainly normal is held by."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = plans
        self.holder: dict[tuple[str, str], int] = {}
        self.by_code: dict[str, list[int]] = {}
        for number, plan in enumerate(plans):
            self.by_code.setdefault(plan.rule.code, []).append(number)
        for numbers in self.by_code.values():
            numbers.sort(key=lambda n: (len(plans[n].rule.division), plans[n].rule.valid_from), reverse=True)
        self.spot = [{key: place for place, key in enumerate(plan.keys)} for plan in plans]

    def mine(self, number: int, place: Ints, since: Ints, trail: Mapping[tuple[str, str], list[Change]]) -> Mask:
        """Tell which places this plan judges at the moments `since`."""
        rule = self.plans[number].rule
        inside = (since >= rule.valid_from) & (since < rule.valid_to)
        if len(self.by_code[rule.code]) == 1 and not trail:
            return inside
        keys = self.plans[number].keys
        found = inside.copy()
        for row, (one, moment) in enumerate(zip(place.tolist(), since.tolist(), strict=True)):
            key = (rule.code, keys[one])
            holder = self.holder.get(key)
            if holder is None or state_before(trail.get(key, ()), moment) == NORMAL:  # nothing is open there then
                holder = self._chosen(*key, moment)
            found[row] = holder == number
        return found

    def held(self, number: int, place: Ints) -> Mask:
        """Tell which places no other version of this plan's rule holds."""
        plan = self.plans[number]
        if len(self.by_code[plan.rule.code]) == 1:
            return np.ones(len(place), dtype=bool)
        keys = [(plan.rule.code, plan.keys[one]) for one in place.tolist()]
        return np.array([self.holder.get(key, number) == number for key in keys], dtype=bool)

    def _chosen(self, code: str, key: str, moment: int) -> int | None:
        for number in self.by_code[code]:
            rule = self.plans[number].rule
            if rule.valid_from <= moment < rule.valid_to and key in self.spot[number]:
                return number
        return None

    def holds(self, key: tuple[str, str], number: int) -> None:
        """Note that a plan holds a place until it is normal again."""
        self.holder[key] = number

    def free(self, key: tuple[str, str]) -> None:
        """Note that nothing holds a place any more."""
        self.holder.pop(key, None)

    def find(self, key: tuple[str, str], version: str) -> tuple[int, int] | None:
        """Return (plan, place) of a rule's version at a place; another version when that one is gone, None for none."""
        numbers = [n for n in self.by_code.get(key[0], ()) if key[1] in self.spot[n]]
        exact = [n for n in numbers if self.plans[n].rule.version == version]
        chosen = exact or numbers
        return (chosen[0], self.spot[chosen[0]][key[1]]) if chosen else None
