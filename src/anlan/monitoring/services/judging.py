"""From window sums to changes of signals: gathers what the pure engine needs, and says why in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from anlan.monitoring.engine.explain import Case, Said, explain
from anlan.monitoring.engine.signals import State, Steps, Transition, ranks, walk
from anlan.monitoring.engine.windows import HOURS, Floats, Ints
from anlan.monitoring.formats.rule_pack import Cited
from anlan.monitoring.rules import rule_for, rule_version
from anlan.monitoring.services._old_intake import Known


class Ends(NamedTuple):
    """Event times to decide at, sorted by station index, then time: sums over HOURS, and the value itself."""

    station: Ints
    at: Ints
    sums: Floats
    value: Floats


class Change(NamedTuple):
    """One change of one station's signal, with everything its row and its event tell."""

    station: int
    transition: Transition
    cited: Cited
    level: str
    previous: str
    value: float
    threshold: float
    window_h: int
    explanation: dict[str, Any]


class Judged(NamedTuple):
    """Changes in order of time, then station; and since when each judged station's value is below holding."""

    changes: list[Change]
    below_since: dict[int, int | None]


def judge(stations: Sequence[Known], ends: Ends, day: date) -> Judged:
    """Decide at every end; stations without a rule for their metric are passed over."""
    groups: dict[tuple[str, str], tuple[Cited, list[int]]] = {}
    for number in np.unique(ends.station).tolist():
        cited = _cited(stations[number], day)
        if cited is not None:
            groups.setdefault((cited.rule.code, cited.pack.version), (cited, []))[1].append(number)
    found = Judged([], {})
    for key in sorted(groups):
        cited, members = groups[key]
        _judge_group(stations, ends, cited, members, found)
    found.changes.sort(key=lambda change: (change.transition.at, stations[change.station].code))
    return found


def _judge_group(stations: Sequence[Known], ends: Ends, cited: Cited, members: list[int], found: Judged) -> None:
    """Decide for the stations under one rule: ranks in arrays, the walk in time only where there is something."""
    rule = cited.rule
    steps = Steps(rule.leave.ratio, rule.leave.margin, rule.leave.hold_min * 60)
    bars = np.array([thresholds(stations[number], cited) for number in members])
    picked = np.flatnonzero(np.isin(ends.station, members))
    values = np.column_stack([_column(ends, level.window_h)[picked] for level in rule.levels])
    own = bars[np.searchsorted(members, ends.station[picked])]
    ups, helds = ranks(values, own, steps)
    starts = np.searchsorted(ends.station[picked], members)
    stops = np.append(starts[1:], len(picked))
    highest = np.maximum.reduceat(ups, starts)
    for place, number in enumerate(members):
        state = _state(stations[number], cited)
        if state.rank == 0 and highest[place] == 0:
            found.below_since[number] = None
            continue
        part = slice(int(starts[place]), int(stops[place]))
        times = ends.at[picked[part]].tolist()
        state, transitions = walk(state, times, ups[part].tolist(), helds[part].tolist(), steps.hold_s)
        found.below_since[number] = state.below_since
        for transition in transitions:
            row = values[part][transition.place]
            found.changes.append(_change(stations[number], number, transition, cited, row, bars[place]))


def thresholds(station: Known, cited: Cited) -> list[float]:
    """Return the rule's thresholds as this station has them; NaN for a step it doesn't have."""
    found = [station.limits.get(level.limit, level.threshold) for level in cited.rule.levels]
    return [float("nan") if bar is None else float(bar) for bar in found]


def _cited(station: Known, day: date) -> Cited | None:
    """Return the rule for a station: of a firing signal the version it was opened by, else the one now in force."""
    if station.firing is not None:
        kept = rule_version(station.firing.rule, station.firing.version)
        if kept is not None:
            return kept
    return _rule(station.kind, station.metric, station.division, day)


_rule = lru_cache(maxsize=4096)(rule_for)


def _state(station: Known, cited: Cited) -> State:
    if station.firing is None:
        return State()
    codes = [level.code for level in cited.rule.levels]
    rank = codes.index(station.firing.level) + 1 if station.firing.level in codes else 1
    return State(rank, station.below_since)


def _column(ends: Ends, window_h: int) -> Floats:
    if window_h == 0:
        return ends.value
    column: Floats = ends.sums[:, HOURS.index(window_h)]
    return column


def _change(station: Known, number: int, transition: Transition, cited: Cited, values: Floats, bars: Floats) -> Change:
    rule, pack = cited
    levels = rule.levels
    step = transition.telling - 1
    level = levels[transition.rank - 1].code if transition.rank else ""
    previous = levels[transition.previous - 1].code if transition.previous else ""
    name = rule.level_name(level or previous)
    case = Case(
        action=transition.action,
        station=Said(station.name["zh"], station.name["en"]),
        what=Said(rule.name.zh, rule.name.en.lower()),
        level=Said(name.zh, name.en.lower()),
        value=float(values[step]),
        threshold=float(bars[step]),
        unit=rule.unit,
        window_h=levels[step].window_h,
        citation=Said(pack.source.zh, pack.source.en),
        mark=pack.mark,
        hold_min=rule.leave.hold_min,
    )
    return Change(number, transition, cited, level, previous, case.value, case.threshold, case.window_h, explain(case))
