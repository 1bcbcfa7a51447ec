"""Is a plan fit to be worked with (预案自查)? Every level with triggers, decider, tasks and end; every task with one lead,
a limit, evidence and a citation; every group, post and unit one that exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from anlan.response.engine.plan import Card, LevelRule, Owner, Plan, TaskRule, Words, law_known
from anlan.response.engine.units import unit_name
from anlan.territory.choices import DEPARTMENTS, PLACE_KINDS, POST_ROLES

STARTER = "starter"


class Fault(NamedTuple):
    """One thing to mend: the field, its value, and what to do in both languages."""

    field: str
    value: Any
    zh: str
    en: str


def plan_faults(plan: Plan) -> tuple[Fault, ...]:
    """Return everything that keeps a plan from being complete, in the order of the file; () for a complete one."""
    found: list[Fault] = []
    for number, rule in enumerate(plan.levels):
        found += _level(plan, f"levels[{number}]", rule)
    found += _head(plan)
    found += _groups(plan)
    found += _acts(plan)
    found += _end(plan)
    for number, card in enumerate(plan.cards):
        found += _card(f"cards[{number}]", card)
    for number, item in enumerate(plan.resources):
        at = f"resources[{number}]"
        if item.quantity <= 0 or item.level not in (1, 2, 3, 4):
            found.append(
                Fault(at, item.quantity, "数量应大于0，级别为1至4。", "give a quantity above 0 and a level 1 to 4.")
            )
    return tuple(found)


def _level(plan: Plan, at: str, rule: LevelRule) -> Iterator[Fault]:
    if not rule.triggers:
        yield Fault(f"{at}.triggers", (), "应至少有一个启动条件。", "add a start condition.")
    for place, trigger in enumerate(rule.triggers):
        where = f"{at}.triggers[{place}]"
        yield from _said(f"{where}.text", trigger.text)
        yield from _cited(f"{where}.law", trigger.law)
        if trigger.mark not in ("S", "G"):
            yield Fault(
                f"{where}.mark", trigger.mark, "应为 S（有出处）或 G（默认值）。", "use S (sourced) or G (a default)."
            )
        if not trigger.any_of:
            yield Fault(f"{where}.any_of", (), "应写明条件。", "state the condition.")
    if not rule.deciders:
        yield Fault(f"{at}.deciders", (), "应写明决定岗位。", "name the post that decides.")
    yield from _roles(f"{at}.deciders", rule.deciders)
    yield from _roles(f"{at}.proposer", (rule.proposer,))
    yield from _roles(f"{at}.announce_to", rule.announce_to)
    yield from _said(f"{at}.matter", rule.matter)
    if not rule.tasks:
        yield Fault(f"{at}.tasks", (), "应至少有一项任务。", "add a task.")
    yield from _tasks(plan, f"{at}.tasks", rule.tasks)


def _tasks(plan: Plan, at: str, tasks: Iterable[TaskRule]) -> Iterator[Fault]:
    groups = {group.code for group in plan.groups}
    for place, task in enumerate(tasks):
        where = f"{at}[{place}]"
        yield from _said(f"{where}.text", task.text)
        yield from _said(f"{where}.evidence", task.evidence)
        yield from _cited(f"{where}.law", task.law)
        yield from _owner(f"{where}.owner", task.owner)
        for number, helper in enumerate(task.support):
            yield from _owner(f"{where}.support[{number}]", helper)
            if helper == task.owner:
                yield Fault(
                    f"{where}.support",
                    task.code,
                    "牵头岗位不能同时列为配合。",
                    "the lead can't co-operate with itself.",
                )
        if not 0 < task.receipt <= task.within:
            yield Fault(
                f"{where}.receipt",
                task.receipt,
                "签收时限应大于0且不超过办结时限。",
                "must be above 0 and within the limit.",
            )
        if task.working_group not in groups:
            yield Fault(
                f"{where}.working_group", task.working_group, "应为本预案已列的工作组。", "name a group of this plan."
            )


def _owner(at: str, owner: Owner) -> Iterator[Fault]:
    yield from _roles(f"{at}.role", (owner.role,))
    if owner.role == "department_duty" and not owner.department:
        yield Fault(
            f"{at}.department", "", "应写明牵头部门，每项任务只有一个牵头。", "name the one department that leads."
        )
    if owner.department and unit_name(owner.department) is None:
        yield Fault(
            f"{at}.department",
            owner.department,
            "单位名录中没有；见 engine/units.py。",
            "no such unit; see engine/units.py.",
        )


def _head(plan: Plan) -> Iterator[Fault]:
    for field in ("next_review", "drill_due", "issued"):
        if getattr(plan, field) is None:
            yield Fault(field, None, "应写明日期。", "give the date.")
    if not plan.follows:
        yield Fault("follows", (), "应写明上位预案及版本。", "name the upper plan and its version.")
    if plan.office is None or unit_name(plan.office.unit) is None:
        yield Fault(
            "office", plan.office and plan.office.unit, "应写明办公室所在单位。", "name the unit the office sits in."
        )
    elif plan.office.head not in POST_ROLES:
        yield Fault("office.head", plan.office.head, "岗位名录中没有该岗位。", "no such post role.")
    for field in ("upgrade", "downgrade"):
        if getattr(plan, field) is None:
            yield Fault(field, None, "应写明升级、降级规则。", "state the rule.")


def _groups(plan: Plan) -> Iterator[Fault]:
    seen: set[str] = set()
    if not plan.groups:
        yield Fault("groups", (), "应列明工作组。", "list the working groups.")
    for number, group in enumerate(plan.groups):
        at = f"groups[{number}]"
        if group.code in seen:
            yield Fault(f"{at}.code", group.code, "工作组重复。", "this group is listed twice.")
        seen.add(group.code)
        yield from _said(f"{at}.name", group.name)
        for unit in (group.lead, *group.members):
            if unit_name(unit) is None:
                yield Fault(
                    f"{at}.members", unit, "单位名录中没有；见 engine/units.py。", "no such unit; see engine/units.py."
                )
        if group.lead in group.members:
            yield Fault(f"{at}.members", group.lead, "牵头单位不再列为成员。", "the lead unit isn't a member besides.")


def _acts(plan: Plan) -> Iterator[Fault]:
    for number, act in enumerate(plan.pre_authorised):
        at = f"pre_authorised[{number}]"
        yield from _roles(f"{at}.role", (act.role,))
        yield from _said(f"{at}.text", act.text)
        if act.place_kind and act.place_kind not in PLACE_KINDS:
            yield Fault(f"{at}.place_kind", act.place_kind, "地点类型名录中没有。", "no such kind of place.")
        if not 0 < act.receipt <= act.within:
            yield Fault(
                f"{at}.receipt",
                act.receipt,
                "签收时限应大于0且不超过办结时限。",
                "must be above 0 and within the limit.",
            )


def _end(plan: Plan) -> Iterator[Fault]:
    if not plan.end.conditions:
        yield Fault("end.conditions", (), "应写明终止条件。", "state the end conditions.")
    if not plan.end.who:
        yield Fault(
            "end.who", (), "应写明由谁终止；谁启动谁终止写 starter。", "say who ends; starter for whoever started."
        )
    yield from _roles("end.who", [who for who in plan.end.who if who != STARTER])
    if not plan.end.tasks:
        yield Fault("end.tasks", (), "应写明收尾任务。", "add the closing tasks.")
    for number, words in enumerate(plan.end.conditions):
        yield from _said(f"end.conditions[{number}]", words)
    yield from _tasks(plan, "end.tasks", plan.end.tasks)


def _card(at: str, card: Card) -> Iterator[Fault]:
    yield from _roles(f"{at}.post", (card.post,))
    if card.department and card.department not in DEPARTMENTS and unit_name(card.department) is None:
        yield Fault(f"{at}.department", card.department, "单位名录中没有。", "no such unit.")
    if not card.lines:
        yield Fault(f"{at}.lines", (), "应写明看到什么、做什么、报给谁。", "say what to see, to do, and whom to tell.")
    if len(card.channels) < 2:
        yield Fault(f"{at}.channels", len(card.channels), "应有两种联络方式。", "give two ways to be heard.")
    if not card.never:
        yield Fault(f"{at}.never", (), "应写明不得做什么。", "say what not to do.")
    for number, line in enumerate(card.lines):
        for words in (line.see, line.do, line.report):
            yield from _said(f"{at}.lines[{number}]", words)
        if line.within <= 0:
            yield Fault(f"{at}.lines[{number}].within", line.within, "应大于0分钟。", "must be above 0 minutes.")


def _roles(at: str, roles: Iterable[str]) -> Iterator[Fault]:
    for role in roles:
        if role not in POST_ROLES:
            yield Fault(at, role, "岗位名录中没有该岗位。", "no such post role.")


def _cited(at: str, items: tuple[str, ...]) -> Iterator[Fault]:
    if not items:
        yield Fault(at, (), "应写明依据。", "cite what it stands on.")
    for item in items:
        if not law_known(item):
            yield Fault(
                at, item, "法规表中没有此条；见 engine/statutes.py。", "not in the table; see engine/statutes.py."
            )


def _said(at: str, words: Words) -> Iterator[Fault]:
    for language in ("zh", "en"):
        if not getattr(words, language).strip():
            yield Fault(f"{at}.{language}", "", "中文和英文都要写。", "say it in both languages.")
