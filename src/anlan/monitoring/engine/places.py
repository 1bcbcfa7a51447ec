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

from anlan.monitoring.engine.columns import Floats, Ints, openings, spread
from anlan.monitoring.engine.rules import All, Any, Catalogue, Leaf, Node, Not, Rule, SeriesDef, leaves


class Looks(NamedTuple):
    """What one comparison looks at, all places in a row: place p looks at series [start[p], start[p+1]) of `series`
    (indexes into the catalogue) with their weights and own limits (NaN for none)."""

    start: Ints
    series: Ints
    weight: Floats
    limit: Floats

    def members(self, place: Ints) -> tuple[Ints, Ints]:
        """Spread questions about places over what each looks at: (places in these arrays, which question each is of)."""
        return spread(self.start[place], self.start[place + 1] - self.start[place])


class Touching(NamedTuple):
    """The other way round: series s plays a part in the places [start[s], start[s+1]) of `place`."""

    start: Ints
    place: Ints

    def places(self, series: Ints) -> tuple[Ints, Ints]:
        """Return the places that series play a part in: (places, which of the asked series each is for)."""
        spot, which = spread(self.start[series], self.start[series + 1] - self.start[series])
        return self.place[spot], which


class Plan(NamedTuple):
    """A rule over its places. keys: "s:<number>", "t:<station code>" or "a:<area code>". looks: one for each leaf,
    in the order of `leaves` over the levels. touching: the places each series plays a part in, by series index."""

    rule: Rule
    keys: tuple[str, ...]
    divisions: tuple[str, ...]
    looks: tuple[Looks, ...]
    touching: Touching
    alone: NDArray[np.int32]  # place of each series index where every place is one series; -1: none; empty otherwise

    def leaf_list(self) -> list[Leaf]:
        """Return the rule's comparisons in the order of `looks`."""
        return [leaf for level in self.rule.levels for leaf in leaves(level.when)]


def plan(rule: Rule, catalogue: Catalogue, known: Known | None = None) -> Plan:
    """Lay a rule over a catalogue; series, stations and areas outside its division or of other kinds are left out.
    known: the catalogue's `index`, when many rules are laid over it."""
    known = known or index(catalogue)
    wanted = [leaf for level in rule.levels for leaf in leaves(level.when)]
    elements = {leaf.element for leaf in wanted}
    members = _members(rule, catalogue, known, elements)
    keys = tuple(sorted(members))
    chosen = {element: _chosen(element, keys, members, catalogue.series) for element in elements}
    looks = tuple(_looks(leaf, chosen[leaf.element], catalogue.series) for leaf in wanted)
    alone = np.empty(0, dtype=np.int32)
    if rule.place == "series":
        alone = np.full(len(catalogue.series), -1, dtype=np.int32)
        alone[[members[key][1][0][0] for key in keys]] = np.arange(len(keys))
    divisions = tuple(members[key][0] for key in keys)
    return Plan(rule, keys, divisions, looks, _touching(looks, len(catalogue.series)), alone)


def _touching(looks: Sequence[Looks], series: int) -> Touching:
    every = [(look.series, np.repeat(np.arange(len(look.start) - 1), np.diff(look.start))) for look in looks]
    whose, place = (np.concatenate(column) for column in zip(*every, strict=True))
    order = np.lexsort((place, whose))
    whose, place = whose[order], place[order]
    fresh = openings(whose, place)
    return Touching(np.searchsorted(whose[fresh], np.arange(series + 1)), place[fresh])


class Known(NamedTuple):
    """Where a catalogue's series stand: by number, by element, and by element and kind of station."""

    number: Mapping[int, int]
    element: Mapping[str, Sequence[int]]
    kind: Mapping[tuple[str, str], Sequence[int]]


def index(catalogue: Catalogue) -> Known:
    """Index a catalogue's series."""
    element: dict[str, list[int]] = {}
    kind: dict[tuple[str, str], list[int]] = {}
    for place, item in enumerate(catalogue.series):
        element.setdefault(item.element, []).append(place)
        kind.setdefault((item.element, item.station_kind), []).append(place)
    return Known({item.number: place for place, item in enumerate(catalogue.series)}, element, kind)


Members = dict[str, tuple[str, list[tuple[int, float]]]]  # key → (division, [(series index, weight)])


def _members(rule: Rule, catalogue: Catalogue, known: Known, wanted: set[str]) -> Members:
    if rule.place == "area":
        return {
            f"a:{area.code}": (area.division, [(known.number[n], weight) for n, weight in area.members if n in known.number])
            for area in catalogue.areas
            if area.division.startswith(rule.division) and (not rule.areas or area.code in rule.areas)
        }  # fmt: skip
    found: Members = {}
    limits, series = _limits(rule), catalogue.series
    for element in sorted(wanted & {rule.element} if rule.place == "series" and rule.element else wanted):
        places = known.kind.get((element, rule.kind), ()) if rule.kind else known.element.get(element, ())
        if rule.division:
            places = [place for place in places if series[place].division.startswith(rule.division)]
        if limits:  # elsewhere nothing of the rule can ever be reached
            places = [place for place in places if not limits.isdisjoint(series[place].limits)]
        if rule.place == "series":
            found |= {f"s:{series[place].number}": (series[place].division, [(place, 1.0)]) for place in places}
        else:
            for place in places:
                item = series[place]
                found.setdefault(f"t:{item.station}", (item.division, []))[1].append((place, 1.0))
    return found


def _limits(rule: Rule) -> set[str]:
    """Return the limits a series must have one of for the rule to say anything; nothing when it may without."""
    tests = [test for level in rule.levels for test in leaves(level.when)]
    plain = rule.place == "series" and not any(_denies(level.when) for level in rule.levels)
    if not plain or not all(test.limit and test.threshold is None for test in tests):
        return set()
    return {test.limit for test in tests}


def _denies(node: Node) -> bool:
    """Is there a NOT in the tree, which what isn't there would make true?"""
    return isinstance(node, Not) or (isinstance(node, All | Any) and any(_denies(part) for part in node.parts))


Chosen = tuple[Ints, Ints, Floats]


def _chosen(element: str, keys: Sequence[str], members: Members, series: Sequence[SeriesDef]) -> Chosen:
    """Return which members of each place measure an element: (starts, series indexes, weights)."""
    pairs = [[pair for pair in members[key][1] if series[pair[0]].element == element] for key in keys]
    start = np.cumsum([0, *map(len, pairs)], dtype=np.int64)
    every = [pair for mine in pairs for pair in mine]
    return start, np.array([place for place, _ in every], np.int64), np.array([w for _, w in every], np.float64)


def _looks(leaf: Leaf, chosen: Chosen, series: Sequence[SeriesDef]) -> Looks:
    start, places, weights = chosen
    limits = np.full(len(places), np.nan)
    if leaf.limit:
        limits[:] = [series[place].limits.get(leaf.limit, np.nan) for place in places.tolist()]
    return Looks(start, places, weights, limits)
