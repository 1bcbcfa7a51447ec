"""The nation's relief response (国家自然灾害救助应急预案): which level a province's figures ask for, and by which criterion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

import msgspec

from anlan.response.engine.plan import Condition, Trigger, Words
from anlan.response.engine.triggers import Fact, condition_met

METRICS = ("dead_missing", "need_relief", "houses", "households", "drought_relief_percent", "drought_relief_people")
SHARES = ("drought_relief_percent", "neighbour_level")  # a share is a share everywhere: weak areas don't lower it


class ReliefLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level: who decides, and its criteria, any of which suffices."""

    level: int
    decider: Words
    triggers: tuple[Trigger, ...]


class ReliefTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of the table, with its source and dates. `neighbours`: province prefix → those that border it."""

    code: str
    version: str
    name: Words
    source: Words
    mark: str
    valid_from: date
    hazards: tuple[str, ...]
    weak_factor: float
    levels: tuple[ReliefLevel, ...]
    neighbours: dict[str, tuple[str, ...]]
    valid_to: date | None = None


class Relief(NamedTuple):
    """The level asked for, and the criterion that decides."""

    level: int
    trigger: Trigger
    decider: Words


def relief_level(
    table: ReliefTable, figures: Mapping[str, float], *, neighbour: int = 0, factor: float = 1.0
) -> Relief | None:
    """Return the gravest level the figures of one province and one disaster ask for, None where they ask for none.

    `figures`: metric → number (people, rooms, households; shares in percent). `neighbour`: the gravest level a bordering
    province stands at for the same disaster, 0 none (邻省联动). `factor` lowers the thresholds of counts for a weak area
    (启动条件调整); 1 leaves them as they are. Above 0 to 1, else ValueError.
    """
    if not 0 < factor <= 1:
        raise ValueError(f"the factor lowers thresholds: above 0, at most 1, not {factor}")
    facts = [_fact(metric, value) for metric, value in sorted(figures.items())]
    if neighbour:
        facts.append(_fact("neighbour_level", neighbour))
    for rule in sorted(table.levels, key=lambda rule: rule.level):
        for trigger in rule.triggers:
            if any(condition_met(adjusted(condition, factor), facts) for condition in trigger.any_of):
                return Relief(rule.level, trigger, rule.decider)
    return None


#: Metric of the table → indicators of the returns that add up to it.
RETURNS = {
    "dead_missing": ("dead", "missing"),
    "need_relief": ("relocated", "need_relief"),
    "houses": ("collapsed_rooms", "severe_rooms"),
    "households": ("collapsed_households", "severe_households"),
}


def of_returns(told: Mapping[str, float], *, drought: bool = False) -> dict[str, float]:
    """Return the table's figures from a disaster's returns (灾情统计): sums of what was told, nothing where nothing was.

    >>> of_returns({"dead": 190, "missing": 10, "affected": 5})
    {'dead_missing': 200}
    """
    found = {
        metric: sum(told[part] for part in parts if part in told)
        for metric, parts in RETURNS.items()
        if any(part in told for part in parts)
    }
    if drought and "need_relief" in told:
        found.pop("need_relief", None)
        found["drought_relief_people"] = told["need_relief"]
    return found


def adjusted(condition: Condition, factor: float) -> Condition:
    """Return a condition with its counts lowered by `factor`; shares and levels stay."""
    also = tuple(adjusted(other, factor) for other in condition.also)
    if condition.metric in SHARES or factor == 1:
        return msgspec.structs.replace(condition, also=also)
    least = condition.at_least * factor if condition.at_least is not None else None
    below = condition.below * factor if condition.below is not None else None
    return msgspec.structs.replace(condition, at_least=least, below=below, also=also)


def neighbours_of(table: ReliefTable, division: str) -> tuple[str, ...]:
    """Return the prefixes of the provinces that border a division's own."""
    return table.neighbours.get(division[:2], ())


_NONE = Words("", "")
_ANY = datetime(1970, 1, 1, tzinfo=UTC)


def _fact(metric: str, value: float) -> Fact:
    return Fact("figure", "", ("",), _ANY, _NONE, metric=metric, value=float(value))
