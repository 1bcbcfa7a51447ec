"""Which standing signals are passed on, and which are held back and why (信号的传递): mutes, inhibition, storms, groups.

A signal of the highest level (`highest`) is always passed on, save where a person muted all levels by name. The rest is
held back by a mute that fits, by a passed-on signal that is graver or wider and whose rule names the lesser one nearby,
or as one of very many that opened at once. The answer depends on the set of signals, not on their order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

COUNTY, TOWNSHIP = 6, 9
MATCHES = ("rule", "place", "station", "element", "hazard")


class Standing(NamedTuple):
    """A firing signal as passing it on sees it.

    grade: 1 blue to 4 red. highest: never held back but by an order for all levels. at: since when it has this level
    (µs). fresh: it opened or rose just now. area: its own area's code, '' for a station's; areas: those its series is
    in. inhibits: codes of lesser rules, within "station", "area", "township" or "county". muted: as decided before.
    """

    id: str
    rule: str
    place: str
    station: str
    element: str
    hazard: str
    division: str
    grade: int
    highest: bool
    at: int
    fresh: bool = True
    area: str = ""
    areas: frozenset[str] = frozenset()
    inhibits: frozenset[str] = frozenset()
    within: str = "station"
    muted: str = ""


class Order(NamedTuple):
    """A person's order not to pass signals on over [start, end) (µs) in a division, if all of `match` fits."""

    id: str
    match: Mapping[str, str]
    division: str
    all_levels: bool
    start: int
    end: int


class Storm(NamedTuple):
    """More than `most` new signals of a grade and hazard in a county within `span_us` are passed on as one group."""

    most: int
    span_us: int


def decide(
    signals: Sequence[Standing], orders: Iterable[Order], storm: Storm, now: int
) -> dict[str, str]:  # fmt: skip
    """Return for each signal why it is held back: "mute:<order>", "inhibited:<signal>", "storm:<group>", or ''."""
    active = sorted(
        (order for order in orders if order.start <= now < order.end), key=lambda order: (-order.end, order.id)
    )
    reasons = {signal.id: _ordered(signal, active) for signal in signals}
    counts = _by_group(signals)
    groups = group_of(signals, storm.span_us)
    inhibiting: dict[str, list[Standing]] = {}  # rule → passed-on signals that mute it
    for signal in sorted(signals, key=lambda s: (-s.grade, not s.area, s.at, s.id)):
        if not reasons[signal.id] and not signal.highest:
            above = next((one for one in inhibiting.get(signal.rule, ()) if inhibits(one, signal)), None)
            if above is not None:
                reasons[signal.id] = f"inhibited:{above.id}"
            elif _stormy(signal, counts[_group_key(signal)], storm):
                kept = signal.muted.startswith("storm:")  # its group stays, even if earlier ones are gone by now
                reasons[signal.id] = signal.muted if kept else f"storm:{groups[signal.id]}"
        if not reasons[signal.id]:
            for rule in signal.inhibits:
                inhibiting.setdefault(rule, []).append(signal)
    return reasons


def inhibits(above: Standing, below: Standing) -> bool:
    """Does a signal that is passed on mute this lesser one: named, same hazard, graver or wider, and nearby?"""
    if below.rule not in above.inhibits or above.hazard != below.hazard or below.highest:
        return False
    wider = bool(above.area) and not below.area
    if above.grade < below.grade or (above.grade == below.grade and not wider):
        return False
    if above.within == "area":
        return bool(above.area) and above.area in below.areas
    if above.within == "station":
        return bool(above.station) and above.station == below.station
    length = TOWNSHIP if above.within == "township" else COUNTY
    return len(above.division) >= length and above.division[:length] == below.division[:length]


def fits(order: Order, signal: Standing) -> bool:
    """Does a mute's every word fit the signal, and is the signal inside its division?"""
    return signal.division.startswith(order.division) and all(
        name in MATCHES and getattr(signal, name) == wanted for name, wanted in order.match.items()
    )


def group_of(signals: Iterable[Standing], span_us: int) -> dict[str, str]:
    """Return the group of each signal: "<county>:<hazard>:<first minute of it>". Signals of one hazard and county belong
    together while each follows the one before it within the span."""
    found: dict[str, str] = {}
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for signal in sorted(signals, key=lambda s: (s.at, s.id)):
        key = signal.division[:COUNTY], signal.hazard
        before, name = last.get(key, (0, ""))
        if not name or signal.at - before > span_us:
            name = f"{key[0]}:{key[1]}:{signal.at // 60_000_000}"
        last[key] = signal.at, name
        found[signal.id] = name
    return found


def _ordered(signal: Standing, active: Sequence[Order]) -> str:
    fitting = (order for order in active if (order.all_levels or not signal.highest) and fits(order, signal))
    order = next(fitting, None)
    return "" if order is None else f"mute:{order.id}"


Key = tuple[str, str, int]


def _group_key(signal: Standing) -> Key:
    return signal.division[:COUNTY], signal.hazard, signal.grade


def _by_group(signals: Iterable[Standing]) -> dict[Key, list[tuple[int, str]]]:
    found: dict[Key, list[tuple[int, str]]] = {}
    for signal in signals:
        found.setdefault(_group_key(signal), []).append((signal.at, signal.id))
    for times in found.values():
        times.sort()
    return found


def _stormy(signal: Standing, times: Sequence[tuple[int, str]], storm: Storm) -> bool:
    """Is it one too many? What was decided when it opened or rose stays: nothing is let go in the middle of a storm,
    and nothing that was passed on is called back."""
    if not signal.fresh:
        return signal.muted.startswith("storm:")
    before = bisect_left(times, (signal.at, signal.id)) - bisect_left(times, (signal.at - storm.span_us, "\uffff"))
    return before >= storm.most
