"""Condition trees as written into condition trees as the engine sees them, with the path of whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as Anything
from typing import NamedTuple, TypeVar

from anlan.monitoring.engine.rules import All, Any, Leaf, Node, Not
from anlan.monitoring.formats.rule_faults import Wrong
from anlan.monitoring.formats.rule_shapes import Condition, LevelRule
from anlan.monitoring.formats.rule_terms import duration, season

WINDOWED = ("sum", "mean", "max", "min", "rate", "count")
MOST_LEAVES, DEEPEST = 64, 8
T = TypeVar("T")


class Ground(NamedTuple):
    """What a rule's conditions stand on: its place, its own element, and how a fault is told."""

    place: str
    element: str
    wrong: Wrong


def read_term(wrong: Wrong, field: str, text: str, read: Callable[[str], T]) -> T:
    """Read a short text; refuse it at its field with the remedy the reader gave."""
    try:
        return read(text)
    except ValueError as error:
        raise wrong(field, text, *error.args) from error


def short(level: LevelRule, ground: Ground, where: str) -> Leaf:
    """Return the condition of a level in the short form: a sum over hours or the value itself."""
    window = level.window_h or 0
    window_s = round(window * 3600)
    if not 0 <= window <= 168 or abs(window_s - window * 3600) > 1e-6 or 0 < window_s < 60:
        raise ground.wrong(f"{where}.window_h", window, "应为 0 至 168 小时", "must be 0 to 168 hours")
    if level.threshold is None and not level.limit:
        raise ground.wrong(where, level.code, "须有 threshold 或 limit", "needs a threshold or a limit")
    if level.threshold is not None and level.threshold <= 0:
        raise ground.wrong(f"{where}.threshold", level.threshold, "应大于 0", "must be over 0")
    if not ground.element or ground.place != "series":
        raise ground.wrong(where, level.code, "简写只用于 place: series 且写明 element 的规则，其他请用 when",
                           "the short form is for place: series with an element; else use `when`")  # fmt: skip
    threshold = None if level.threshold is None else float(level.threshold)
    return Leaf(ground.element, "sum" if window_s else "last", window_s, threshold, level.limit)


def tree(condition: Condition, ground: Ground, where: str) -> Node:
    """Return the condition tree. Raises Invalid with the path of the fault."""
    count = [0]
    return _node(condition, ground, where, 1, count)


def _node(condition: Condition, ground: Ground, where: str, depth: int, count: list[int]) -> Node:
    count[0] += 1
    if depth > DEEPEST or count[0] > MOST_LEAVES:
        raise ground.wrong(where, "", f"条件最多 {DEEPEST} 层、{MOST_LEAVES} 个，请拆成几条规则",
                           f"at most {DEEPEST} levels deep and {MOST_LEAVES} conditions; split the rule")  # fmt: skip
    groups = [name for name in ("all_", "any_", "not_") if getattr(condition, name) is not None]
    if not groups:
        return _leaf(condition, ground, where)
    alone = {"all_": Condition(all_=condition.all_), "any_": Condition(any_=condition.any_)}
    if len(groups) > 1 or condition != alone.get(groups[0], Condition(not_=condition.not_)):
        raise ground.wrong(where, "", "all、any、not 与比较式不能并列，请分层写",
                           "all, any, not and a comparison can't stand side by side; nest them")  # fmt: skip
    if condition.not_ is not None:
        return Not(_node(condition.not_, ground, f"{where}.not", depth + 1, count))
    name = groups[0].rstrip("_")
    parts = condition.all_ if condition.all_ is not None else condition.any_ or ()
    if not parts:
        raise ground.wrong(f"{where}.{name}", "", "至少写一个条件", "needs at least one condition")
    nodes = tuple(_node(part, ground, f"{where}.{name}[{at}]", depth + 1, count) for at, part in enumerate(parts))
    return All(nodes) if name == "all" else Any(nodes)


def _leaf(leaf: Condition, ground: Ground, where: str) -> Leaf:
    wrong = ground.wrong
    element = leaf.element or ground.element
    if not element:
        raise wrong(f"{where}.element", "", "须写明要素，如 rain_mm", "name the element, such as rain_mm")
    if ground.place == "series" and ground.element and element != ground.element:
        raise wrong(f"{where}.element", element, "place: series 只能比较规则自己的要素；多个要素用 place: station",
                    "place: series compares the rule's own element; use place: station for several")  # fmt: skip
    _check_over(leaf, ground, where)
    window_s = read_term(wrong, f"{where}.window", leaf.window, duration) if leaf.window else 0
    if (leaf.measure in WINDOWED) != bool(window_s):
        zh = "需要 window，如 3h" if leaf.measure in WINDOWED else "不用 window，请删去或改 measure"
        en = (
            "needs a window such as 3h"
            if leaf.measure in WINDOWED
            else "takes no window; drop it or change the measure"
        )
        raise wrong(f"{where}.window", leaf.window, f"{leaf.measure} {zh}", f"{leaf.measure} {en}")
    threshold, below = _bar(leaf, ground, where)
    days = read_term(wrong, f"{where}.season", leaf.season, season) if leaf.season else None
    return Leaf(element, leaf.measure, window_s, threshold, leaf.limit, float(leaf.offset), below,
                leaf.over or "", leaf.members, days)  # fmt: skip


def _check_over(leaf: Condition, ground: Ground, where: str) -> None:
    if (leaf.over is not None) != (ground.place == "area"):
        raise ground.wrong(f"{where}.over", leaf.over, "place: area 的每个比较须写 over，其他 place 不写",
                           "each comparison of place: area needs over; other places have none")  # fmt: skip
    if leaf.members < 1 or (leaf.members != 1 and leaf.over != "count"):
        raise ground.wrong(f"{where}.members", leaf.members, "只与 over: count 同用，且不小于 1",
                           "goes with over: count, 1 or more")  # fmt: skip


def _bar(leaf: Condition, ground: Ground, where: str) -> tuple[float | None, bool]:
    """Return the bar of a comparison and whether it looks down."""
    wrong = ground.wrong
    if leaf.at_least is not None and leaf.at_most is not None:
        raise wrong(
            where, "", "at_least 与 at_most 只写一个；区间用 all", "at_least or at_most, not both; use all for a range"
        )
    given: Anything = leaf.at_least if leaf.at_least is not None else leaf.at_most
    if given is None and not leaf.limit:
        raise wrong(where, "", "须有 at_least、at_most 或 limit", "needs at_least, at_most or limit")
    if leaf.below and given is not None:
        raise wrong(
            f"{where}.below",
            True,
            "below 只与单独的 limit 同用；有数值时写 at_most",
            "goes with a limit alone; else write at_most",
        )
    if leaf.offset and not leaf.limit:
        raise wrong(f"{where}.offset", leaf.offset, "只与 limit 同用", "goes with limit")
    field = f"{where}.{'at_least' if leaf.at_least is not None else 'at_most'}"
    if leaf.measure == "no_data" and (leaf.at_least is None or leaf.limit):
        raise wrong(field, given, '无数据须写 at_least，如 "30m"', 'no_data needs at_least such as "30m"')
    if isinstance(given, str):
        if leaf.measure != "no_data":
            raise wrong(field, given, "应为数值", "must be a number")
        given = read_term(wrong, field, given, duration)
    if leaf.measure in ("no_data", "count") and given is not None and given < 0:
        raise wrong(field, given, "不能为负", "must not be negative")
    return (None if given is None else float(given)), leaf.at_most is not None or leaf.below
