"""An executable plan (预案) as frozen values: what starts a level, who decides it, what goes out with it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Colour = Literal["blue", "yellow", "orange", "red"]
COLOUR_RANK: dict[str, int] = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
LEVELS = (1, 2, 3, 4)
NUMERALS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same thing said in both languages."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return {"zh", "en"}, as JSON columns and pages want it."""
        return {"zh": self.zh, "en": self.en}


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition. `rain_colour`: that colour or graver in at least `areas` areas; `reservoir_over_limit`: by `metres` or more.

    `sources` tells which facts count: gauges' own signals, warnings issued by the weather office, water readings.
    """

    metric: Literal["rain_colour", "reservoir_over_limit"]
    colour: Colour | None = None
    areas: int = 1
    metres: float = 0.0
    sources: tuple[Literal["signal", "warning", "reading"], ...] = ("signal", "warning", "reading")


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A numbered start condition of a level (启动条件); any of its conditions suffices. `mark` G: not sourced, editable."""

    id: str
    text: Words
    any_of: tuple[Condition, ...]
    mark: str


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who carries a task out: every post of `role` in the area; for departments also which one and at which tier."""

    role: str
    department: str = ""
    tier: Literal["", "city", "county"] = ""


class TaskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task of a level (响应任务). `within` and `receipt` in minutes; `law` items of the Emergency Response Law."""

    code: str
    text: Words
    owner: Owner
    within: int
    evidence: Words
    law: tuple[str, ...]
    mark: str
    receipt: int = 15
    action: str = ""


class LevelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level: its triggers, who proposes and decides, whom to tell, how long it is expected to last, its tasks.

    A level also carries the tasks of the levels below it, except those it names in `replaces`.
    """

    level: int
    matter: Words
    triggers: tuple[Trigger, ...]
    proposer: str
    deciders: tuple[str, ...]
    announce_to: tuple[str, ...]
    expected_duration_h: int
    tasks: tuple[TaskRule, ...]
    replaces: tuple[str, ...] = ()


class PreAuthorised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stop-line (停止线): at `limit` of `metric`, the post on the spot acts first and reports after."""

    action: str
    text: Words
    place_kind: str
    role: str
    metric: str
    limit: float
    unit: str
    receipt: int
    within: int
    mark: str


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command body (指挥机构), named by its organisation; `linked` bodies must follow or refuse with a reason."""

    organisation: str
    name: Words
    linked: tuple[str, ...] = ()


class DecisionClock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes after the opening at which an undecided proposal climbs; and after which a refused one may come again."""

    climb: tuple[int, ...]
    again: int
    mark: str


class EndRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a level may be lowered or ended: `quiet_h` hours below its triggers, and the conditions people check."""

    quiet_h: float
    conditions: tuple[Words, ...]
    tasks: tuple[TaskRule, ...]
    mark: str


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One plan for one area. `hazards` are GB/T 35561 codes; `area` a division prefix; dates are Beijing days."""

    code: str
    version: str
    name: Words
    hazards: tuple[str, ...]
    area: str
    issuing_body: Words
    source: Words
    mark: str
    valid_from: date
    bodies: tuple[Body, ...]
    leaders: tuple[str, ...]
    clock: DecisionClock
    task_climb: tuple[int, ...]
    levels: tuple[LevelRule, ...]
    pre_authorised: tuple[PreAuthorised, ...]
    end: EndRule
    valid_to: date | None = None

    def level(self, number: int) -> LevelRule:
        """Return the rule of level 1 to 4; KeyError for any other number."""
        for rule in self.levels:
            if rule.level == number:
                return rule
        raise KeyError(number)


_LAW_ITEMS = {"66": 5, "67": 8, "73": 11}
_DIGITS = "零一二三四五六七八九十"


def law_known(item: str) -> bool:
    """Is `item` like "67(6)" an item of the measures the law lists in articles 66, 67 and 73?"""
    article, _, rest = item.partition("(")
    number = rest.removesuffix(")")
    return rest.endswith(")") and number.isdigit() and 1 <= int(number) <= _LAW_ITEMS.get(article, 0)


def law_text(items: tuple[str, ...]) -> Words:
    """Return the citation of law items in both languages: 《突发事件应对法》第六十七条第六项."""
    zh: list[str] = []
    for item in items:
        article, _, rest = item.partition("(")
        zh.append(f"第{_chinese(int(article))}条第{_chinese(int(rest[:-1]))}项")
    return Words(
        "《中华人民共和国突发事件应对法》（2024年修订）" + "、".join(zh),
        "Emergency Response Law of the PRC (2024), art. " + ", ".join(items),
    )


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
