"""Which places a rule watches, and how the figures of their series become one truth (规则的监测对象).

A `Plan` is one version of one rule laid over a catalogue: for each of its places the series each comparison looks at.
A comparison at a series or a station looks at one series (or none: then it is false); at an area at all members that
measure its element.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.monitoring.engine.columns import Floats, Ints
from anlan.monitoring.engine.rules import AreaDef, Catalogue, Leaf, Rule, SeriesDef, leaves


class Looks(NamedTuple):
    """What one comparison looks at, all places in a row: place p looks at series [start[p], start[p+1]) of `series`
    (indexes into the catalogue) with their weights and own limits (NaN for none)."""

    start: Ints
    series: Ints
    weight: Floats
    limit: Floats


class Plan(NamedTuple):
    """A rule over its places. keys: "s:<number>", "t:<station code>" or "a:<area code>". looks: one for each leaf,
    in the order of `leaves` over the levels. touching: for each series index, the places it plays a part in."""

    rule: Rule
    keys: tuple[str, ...]
    divisions: tuple[str, ...]
    looks: tuple[Looks, ...]
    touching: Mapping[int, tuple[int, ...]]
    alone: NDArray[np.int32]  # place of each series index where every place is one series; -1: none; empty otherwise

    def leaf_list(self) -> list[Leaf]:
        """Return the rule's comparisons in the order of `looks`."""
        return [leaf for level in self.rule.levels for leaf in leaves(level.when)]


def plan(rule: Rule, catalogue: Catalogue) -> Plan:
    """Lay a rule over a catalogue; series, stations and areas outside its division or of other kinds are left out."""
    index = {item.number: place for place, item in enumerate(catalogue.series)}
    wanted = [leaf for level in rule.levels for leaf in leaves(level.when)]
    members = _members(rule, catalogue, index)
    keys = tuple(sorted(members))
    looks = tuple(_looks(leaf, keys, members, catalogue.series) for leaf in wanted)
    touching: dict[int, set[int]] = {}
    for look in looks:
        for place in range(len(keys)):
            for series in look.series[look.start[place] : look.start[place + 1]].tolist():
                touching.setdefault(series, set()).add(place)
    alone = np.empty(0, dtype=np.int32)
    if rule.place == "series":
        alone = np.full(len(catalogue.series), -1, dtype=np.int32)
        for series, places in touching.items():
            (alone[series],) = places
    divisions = tuple(members[key][0] for key in keys)
    return Plan(rule, keys, divisions, looks, {s: tuple(sorted(p)) for s, p in touching.items()}, alone)


Members = dict[str, tuple[str, list[tuple[int, float]]]]  # key → (division, [(series index, weight)])


def _members(rule: Rule, catalogue: Catalogue, index: Mapping[int, int]) -> Members:
    if rule.place == "area":
        return {
            f"a:{area.code}": (area.division, [(index[number], weight) for number, weight in area.members if number in index])
            for area in catalogue.areas
            if area.division.startswith(rule.division) and (not rule.areas or area.code in rule.areas)
        }  # fmt: skip
    found: Members = {}
    wanted = {leaf.element for level in rule.levels for leaf in leaves(level.when)}
    for place, item in enumerate(catalogue.series):
        if not item.division.startswith(rule.division) or (rule.kind and item.station_kind != rule.kind):
            continue
        if rule.place == "series" and item.element in wanted and (not rule.element or item.element == rule.element):
            found[f"s:{item.number}"] = (item.division, [(place, 1.0)])
        elif rule.place == "station" and item.element in wanted:
            found.setdefault(f"t:{item.station}", (item.division, []))[1].append((place, 1.0))
    return found


def _looks(leaf: Leaf, keys: Sequence[str], members: Members, series: Sequence[SeriesDef]) -> Looks:
    start, chosen, weights, limits = [0], [], [], []
    for key in keys:
        for place, weight in members[key][1]:
            item = series[place]
            if item.element == leaf.element:
                chosen.append(place)
                weights.append(weight)
                limits.append(float(item.limits.get(leaf.limit, np.nan)) if leaf.limit else np.nan)
        start.append(len(chosen))
    return Looks(
        np.array(start, np.int64), np.array(chosen, np.int64), np.array(weights, np.float64), np.array(limits, np.float64)
    )  # fmt: skip


__all__ = ["AreaDef", "Looks", "Plan", "plan"]
