"""The rules judged the slow and plain way: minute by minute, with lists and loops. What the engine must come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from anlan.monitoring.engine.columns import SECOND, Columns
from anlan.monitoring.engine.rules import All, Any, Catalogue, Leaf, Node, Not, Rule, SeriesDef, leaves

MINUTE = 60 * SECOND
Line = list[tuple[int, float]]
Happened = tuple[str, str, str, int, str, str]  # rule, place, event, at, level, previous
Members = list[tuple[SeriesDef, float]]


def steps(catalogue: Catalogue, rows: Columns, end: int) -> list[Happened]:
    """Every change of rank of every rule at every place up to `end`; times, windows and limits in whole minutes."""
    lines: dict[int, Line] = {item.number: [] for item in catalogue.series}
    first: dict[tuple[int, int], float] = {}
    for number, at, value in zip(rows.series.tolist(), rows.at.tolist(), rows.value.tolist(), strict=True):
        first.setdefault((number, at), value)
    for (number, at), value in sorted(first.items()):
        lines[number].append((at, value))
    begin = min(at for _, at in first)
    found: list[Happened] = []
    for rule in catalogue.rules:
        for key, members in _places(rule, catalogue).items():
            found += _walk(rule, key, members, lines, begin, end)
    return sorted(found)


def _places(rule: Rule, catalogue: Catalogue) -> dict[str, Members]:
    by_number = {item.number: item for item in catalogue.series}
    if rule.place == "area":
        return {f"a:{area.code}": [(by_number[n], w) for n, w in area.members] for area in catalogue.areas}
    elements = {leaf.element for level in rule.levels for leaf in leaves(level.when)}
    found: dict[str, Members] = {}
    for item in catalogue.series:
        if item.element in elements and rule.place == "station":
            found.setdefault(f"t:{item.station}", []).append((item, 1.0))
        elif item.element == rule.element and rule.place == "series":
            found[f"s:{item.number}"] = [(item, 1.0)]
    return found


def _walk(rule: Rule, key: str, members: Members, lines: dict[int, Line], begin: int, end: int) -> list[Happened]:
    rank, below, since = 0, None, {}
    found: list[Happened] = []
    codes = ["", *(level.code for level in rule.levels)]
    for at in range(begin, end + 1, MINUTE):
        strict = [_truth(level.when, members, lines, at, rule, mild=False) for level in rule.levels]
        mild = [_truth(level.when, members, lines, at, rule, mild=True) for level in rule.levels]
        if not _open(rule, at):
            strict, mild = [False] * len(strict), [False] * len(mild)
        if None in mild:
            since, below = {}, None
            continue
        reached = max((n for n, truth in enumerate(strict, 1) if truth), default=0)
        held = max((n for n, (s, m) in enumerate(zip(strict, mild, strict=True), 1) if s or m), default=0)
        since = {n: since.get(n, at) for n in range(rank + 1, reached + 1)}
        below = None if held >= rank else at if below is None else below
        before = rank
        due = [n for n, start in since.items() if start + rule.for_s * SECOND <= at]
        if due:
            rank, below = max(due), None
        elif below is not None and below + rule.keep_s * SECOND <= at:
            rank, below = held, None
        if rank != before:
            event = "opened" if before == 0 else "cleared" if rank == 0 else "raised" if rank > before else "lowered"
            found.append((rule.code, key, event, at, codes[rank], codes[before]))
    return found


def _open(rule: Rule, at: int) -> bool:
    moment = datetime.fromtimestamp(at / SECOND, UTC) + timedelta(hours=8)
    if rule.hours is not None:
        minute, (start, stop) = moment.hour * 60 + moment.minute, rule.hours
        inside = start <= minute < stop if start <= stop else minute >= start or minute < stop
        if not inside:
            return False
    return True


def _truth(node: Node, members: Members, lines: dict[int, Line], at: int, rule: Rule, *, mild: bool) -> bool | None:
    if isinstance(node, Leaf):
        return _leaf(node, [pair for pair in members if pair[0].element == node.element], lines, at, rule, mild)
    if isinstance(node, Not):
        truth = _truth(node.part, members, lines, at, rule, mild=False)
        return None if truth is None else not truth
    parts = [_truth(part, members, lines, at, rule, mild=mild) for part in node.parts]
    if isinstance(node, All):
        return False if False in parts else None if None in parts else True
    assert isinstance(node, Any)
    return True if True in parts else None if None in parts else False


def _leaf(leaf: Leaf, members: Members, lines: dict[int, Line], at: int, rule: Rule, mild: bool) -> bool | None:
    figures = [_figure(leaf, item, lines[item.number], at) for item, _ in members]
    bars = [_bar(leaf, item, rule, mild) for item, _ in members]
    if leaf.over in ("", "count"):
        each = [_reaches(leaf, figure, bar) for figure, bar in zip(figures, bars, strict=True)]
        needed = 1 if leaf.over == "" else leaf.members
        if sum(truth is True for truth in each) >= needed:
            return True
        return None if sum(truth is not False for truth in each) >= needed else False
    known = [(figure, weight) for figure, (_, weight) in zip(figures, members, strict=True) if figure is not None]
    if not known:
        return None
    one = sum(f * w for f, w in known) / sum(w for _, w in known) if leaf.over == "mean" else max(f for f, _ in known)
    return _reaches(leaf, one, bars[0])


def _reaches(leaf: Leaf, figure: float | None, bar: float | None) -> bool | None:
    if bar is None:
        return False
    if figure is None:
        return None
    return figure <= bar + 1e-9 if leaf.below else figure >= bar - 1e-9


def _bar(leaf: Leaf, item: SeriesDef, rule: Rule, mild: bool) -> float | None:
    bar = item.limits[leaf.limit] + leaf.offset if leaf.limit in item.limits else leaf.threshold
    if bar is None or not mild:
        return bar
    return bar / rule.ratio + rule.margin if leaf.below else bar * rule.ratio - rule.margin


def _figure(leaf: Leaf, item: SeriesDef, line: Line, at: int) -> float | None:
    past = [(t, v) for t, v in line if t <= at]
    if leaf.measure == "count":
        return float(sum(t > at - leaf.window_s * SECOND for t, _ in past))
    if not past:
        return None
    if leaf.measure == "no_data":
        return (at - past[-1][0]) / SECOND
    if at - past[-1][0] >= item.max_silence_s * SECOND:
        return None
    if leaf.measure == "last":
        return past[-1][1]
    inside = [(t, v) for t, v in past if t > at - leaf.window_s * SECOND]
    if leaf.measure == "sum":
        return _sum(item, past, inside)
    if len(inside) < (2 if leaf.measure == "rate" else 1):
        return None
    values = [v for _, v in inside]
    if leaf.measure == "rate":
        return (values[-1] - values[0]) / ((inside[-1][0] - inside[0][0]) / (3600 * SECOND))
    return {"mean": sum(values) / len(values), "max": max(values), "min": min(values)}[leaf.measure]


def _sum(item: SeriesDef, past: Line, inside: Line) -> float:
    if item.kind != "counter":
        return sum(v for _, v in inside)
    total = 0.0
    for (_, before), (at, value) in pairwise(past):
        if (at, value) in inside:
            total += value - before if value >= before else value
    return total
