"""Rules as the engine sees them (预警规则): conditions over series, levels made of them, and how a level is left.

A rule watches *places*. Its `place` says which: each `series` of its element, each `station` (conditions over several
elements of one station), or each `area` (conditions over the series of its members). At every place it has levels,
lowest first; a level is reached while its condition tree is true. Times of day and seasons are Beijing time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Measure = Literal["last", "sum", "mean", "max", "min", "rate", "count", "no_data"]
Over = Literal["", "count", "mean", "max", "min", "sum"]
Place = Literal["series", "station", "area"]


class Season(NamedTuple):
    """Days of the year from `first` to `last`, both included, as (month, day); may run over the new year."""

    first: tuple[int, int]
    last: tuple[int, int]


class Leaf(NamedTuple):
    """One comparison. The figure is `measure` of the good readings of `element` in (t − window, t].

    last: newest value not older than the series' longest silence. sum: of amounts, or the increase of a counter.
    rate: change per hour over the window, newest less oldest value. count: readings. no_data: seconds since the newest
    reading. The bar is the series' own limit named `limit`, plus `offset`, else `threshold`; a series with neither
    doesn't have the condition, which is then false. `below`: true at or under the bar instead of at or over it.

    At an area, `over` makes one figure of its members': "count" tells how many reach the bar and is true at `members`
    or more; "mean" is weighted; others are plain. `season`: outside it the condition is false.
    Unknown (nothing heard for longer than the series' longest silence, or no figure) is neither true nor false, and
    stays unknown under NOT. While a place is unknown nothing there fires and nothing is left: silence clears no signal.
    """

    element: str
    measure: Measure
    window_s: int = 0
    threshold: float | None = None
    limit: str = ""
    offset: float = 0.0
    below: bool = False
    over: Over = ""
    members: int = 1
    season: Season | None = None


class All(NamedTuple):
    """True when every part is (AND)."""

    parts: tuple[Node, ...]


class Any(NamedTuple):
    """True when any part is (OR)."""

    parts: tuple[Node, ...]


class Not(NamedTuple):
    """True when the part is false (NOT); an unknown part stays unknown."""

    part: Node


Node = Leaf | All | Any | Not


class Level(NamedTuple):
    """A step of a rule: its code and the condition under which it is reached."""

    code: str
    when: Node


class Rule(NamedTuple):
    """A version of a rule.

    for_s: how long a level must be reached without a break before it fires. A level holds while its condition is true
    with every bar b made milder: b × ratio − margin (b ÷ ratio + margin for `below`); it is left after keep_s seconds
    of not holding. season and hours ((minute of day, minute of day), may run over midnight): outside them nothing is
    reached. division: prefix of the places it watches. areas: codes, () for all. valid_from, valid_to: microseconds;
    which version judges a signal is decided when it opens. inhibits: codes of rules that its signals mute nearby.
    """

    code: str
    version: str
    place: Place
    element: str
    levels: tuple[Level, ...]
    for_s: int = 0
    ratio: float = 1.0
    margin: float = 0.0
    keep_s: int = 0
    season: Season | None = None
    hours: tuple[int, int] | None = None
    division: str = ""
    areas: tuple[str, ...] = ()
    valid_from: int = -(2**62)
    valid_to: int = 2**62
    kind: str = ""


class Checks(NamedTuple):
    """What is believed of a series' values; None: not checked. Figures in the series' unit.

    low, high: its range. hour_most: most in any hour (amounts). burst_most: most in one reading, for amounts over at
    most ten minutes. step_most: most change since the value before, per hour, and never less than step_floor is
    doubted. stuck_s: longest without any change. ahead_s: how far ahead of the clock it may be. wrap: where a counter
    starts again at 0.
    """

    low: float | None = None
    high: float | None = None
    hour_most: float | None = None
    burst_most: float | None = None
    step_most: float | None = None
    step_floor: float = 0.0
    stuck_s: int | None = None
    ahead_s: int = 600
    wrap: float | None = None


class SeriesDef(NamedTuple):
    """A series as the engine knows it; see models.Series. limits by name; isolated: its readings don't count."""

    number: int
    station: str
    element: str
    kind: str
    station_kind: str
    division: str
    max_silence_s: int
    limits: Mapping[str, float]
    checks: Checks = Checks()
    isolated: bool = False
    lon: float = 0.0
    lat: float = 0.0


class AreaDef(NamedTuple):
    """An area: its code, division and members as (series number, weight)."""

    code: str
    division: str
    members: tuple[tuple[int, float], ...]


class Catalogue(NamedTuple):
    """Everything a shard must know to judge: its series, areas wholly inside it, and every version of every rule."""

    series: tuple[SeriesDef, ...]
    areas: tuple[AreaDef, ...]
    rules: tuple[Rule, ...]


def leaves(node: Node) -> Iterator[Leaf]:
    """Return every comparison of a condition tree, left to right."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        for part in node.parts:
            yield from leaves(part)


def longest_window(rules: tuple[Rule, ...]) -> int:
    """Return the longest window of any condition, seconds."""
    spans = [leaf.window_s for rule in rules for level in rule.levels for leaf in leaves(level.when)]
    return max(spans, default=0)
