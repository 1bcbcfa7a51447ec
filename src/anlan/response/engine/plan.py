"""An executable plan (预案) as frozen values: what starts a level, who decides it, what goes out with it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from anlan.response.engine.statutes import law_known, law_text
from anlan.response.engine.text import Words

__all__ = ["Words", "law_known", "law_text"]

Source = Literal["signal", "warning", "reading", "figure", "grade", "quake", "report", "level"]
Grade = Literal["ordinary", "relatively_serious", "serious", "especially_serious"]
GRADE_RANK: dict[str, int] = {"ordinary": 1, "relatively_serious": 2, "serious": 3, "especially_serious": 4}
Colour = Literal["blue", "yellow", "orange", "red"]
COLOUR_RANK: dict[str, int] = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
LEVELS = (1, 2, 3, 4)
NUMERALS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
NUMERALS_EN = {1: "I", 2: "II", 3: "III", 4: "IV"}  # English writes them with capitals
# Actions of closing tasks: the law's duties after the end (突发事件应对法 art. 85, 87, 92–94) and the last report.
CLOSE_OUT = ("final_report", "loss_assessment", "lessons", "archive", "audit", "purge")


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition on one metric of `engine.metrics` (启动条件的一项). Bounds are read as the law does: `at_least` includes
    the figure itself, `below` does not.

    `colour`: that warning or signal colour or graver, in at least `areas` areas; `metres`: over a reservoir's limit;
    `grade`: that event grade or graver; `density` tells the two first-guess columns of earthquakes apart; `plan` and
    `level`: another plan's response stands at that level or graver. `hazards` are GB/T 35561 codes ("11B00" covers all
    of 11B), the plan's own where none are named. `sources` tells which facts count, none named: all. `also`: further
    conditions that must hold with this one, for the same event (all-of within the trigger's any-of).
    """

    metric: str
    colour: Colour | None = None
    areas: int = 1
    metres: float = 0.0
    sources: tuple[Source, ...] = ()
    hazards: tuple[str, ...] = ()
    at_least: float | None = None
    below: float | None = None
    grade: Grade | None = None
    density: Literal["", "populous", "dense"] = ""
    plan: str = ""
    level: int = 0
    also: tuple[Condition, ...] = ()


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A numbered start condition of a level (启动条件); any of its conditions suffices. `mark` G: not sourced, editable;
    S: read in the text that `law` cites."""

    id: str
    text: Words
    any_of: tuple[Condition, ...]
    mark: str
    law: tuple[str, ...] = ()


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who carries a task out: every post of `role` in the area; for departments also which one and at which tier."""

    role: str = "department_duty"
    department: str = ""
    tier: Literal["", "city", "county"] = ""


class TaskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task of a level (响应任务). `within` and `receipt` in minutes; `law` cites `engine.statutes`; `owner` leads,
    `support` co-operates; `working_group` is the code of the group (工作组) that answers for it."""

    code: str
    text: Words
    owner: Owner
    within: int
    evidence: Words
    law: tuple[str, ...]
    mark: str
    receipt: int = 15
    action: str = ""
    working_group: str = ""
    support: tuple[Owner, ...] = ()


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
    """A stop-line (停止线): at `limit` of `metric`, the post on the spot acts first and reports after. Without a
    `place_kind` it binds no measured place: the post reads the number itself, from its card."""

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
    """When a level may be lowered or ended: `quiet_h` hours below its triggers, and the conditions people check.

    `who` ends: post roles, "starter" for the post that started (谁启动谁终止); `watch`: what is watched after the end
    (次生灾害, 突发事件应对法 art. 86); `tasks` close out, each with an action of `CLOSE_OUT` or its own.
    """

    quiet_h: float
    conditions: tuple[Words, ...]
    tasks: tuple[TaskRule, ...]
    mark: str
    who: tuple[str, ...] = ()
    watch: Words | None = None


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A working group (工作组): one lead unit, its members, what it is for. Units are codes of `engine.units`."""

    code: str
    name: Words
    lead: str
    members: tuple[str, ...] = ()
    duties: Words | None = None


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a card: what the post sees, what it does, to whom it reports, within how many minutes."""

    see: Words
    do: Words
    report: Words
    within: int


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one post must know by heart (响应卡, 明白卡): one page. Two ways to be heard, where to stand, what not to do."""

    post: str
    lines: tuple[Line, ...]
    channels: tuple[Words, ...]
    stand: Words
    never: tuple[Words, ...]
    department: str = ""


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the plan needs from `level` on (应急资源): so much of a kind, to be held against what there is."""

    kind: str
    name: Words
    quantity: float
    unit: Words
    level: int = 4
    mark: str = "G"


class Follow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The upper plan this one follows (上位预案), in which version: a newer version marks this plan for review."""

    code: str
    version: str
    name: Words


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan's standing office (办公室): the unit it sits in and the post role that heads it."""

    unit: str
    head: str


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """One plan for one area. `hazards` are GB/T 35561 codes, less those in `besides`, which other plans answer; `area` a
    division prefix; dates are Beijing days.

    `per`: what a level belongs to, the whole area (rain, drought) or each event by itself (an accident, an earthquake).
    """

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
    per: Literal["area", "incident"] = "area"
    besides: tuple[str, ...] = ()
    kind: str = "special"
    doc_no: str = ""
    issued: date | None = None
    next_review: date | None = None
    drill_due: date | None = None
    follows: tuple[Follow, ...] = ()
    office: Office | None = None
    groups: tuple[Group, ...] = ()
    cards: tuple[Card, ...] = ()
    resources: tuple[Resource, ...] = ()
    upgrade: Words | None = None
    downgrade: Words | None = None

    def level(self, number: int) -> LevelRule:
        """Return the rule of level 1 to 4; KeyError for any other number."""
        for rule in self.levels:
            if rule.level == number:
                return rule
        raise KeyError(number)

    def tasks(self) -> tuple[TaskRule, ...]:
        """Return every task rule, of the levels and of the end."""
        return tuple(task for rule in self.levels for task in rule.tasks) + self.end.tasks
