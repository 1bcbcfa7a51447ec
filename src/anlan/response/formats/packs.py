"""Reads rule packs (plans, contact rule, reminders): YAML text → frozen values, or a Problem that says what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.response.engine.metrics import METRICS
from anlan.response.engine.plan import LEVELS, Condition, Plan, TaskRule, Words, law_known

T = TypeVar("T")
MAX_BYTES = 1_000_000


class ContactRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a place under rain of `colour` is lost: `silence_min` minutes without contact; `again_min` to look again."""

    version: str
    source: Words
    mark: str
    valid_from: date
    silence_min: int
    colour: str
    again_min: int
    recon_receipt_min: int
    recon_within_min: int


class ReminderRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a county under a warning of `colours` is reminded to start a response: `minutes` after the warning, then every
    `again_min`, `most` times; the tasks' limits in minutes. `wider`: also each county under a warning for more than one."""

    version: str
    source: Words
    mark: str
    valid_from: date
    colours: tuple[str, ...]
    wider: bool
    minutes: int
    again_min: int
    most: int
    receipt_min: int
    within_min: int


def plan_read(text: str) -> Plan:
    """Return the plan a YAML text holds. Raises Invalid with the field, its value and the remedy."""
    plan = _convert(yaml_read(text), Plan)
    for field, value, zh, en in plan_faults_of_pack(plan):
        raise wrong(field, value, zh, en)
    return plan


@cache
def plans_shipped() -> tuple[Plan, ...]:
    """Return the shipped plans, read once a process, in order of file name."""
    folder = files("anlan.response").joinpath("rules", "plans")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return tuple(plan_read(pack_text(f"plans/{name}")) for name in names)


def pack_text(name: str) -> str:
    """Return the text of a shipped rule pack, `plans/zhengzhou_flood.yaml` for example."""
    return files("anlan.response").joinpath("rules", *name.split("/")).read_text(encoding="utf-8")


def pack_read(name: str, kind: type[T]) -> T:
    """Return a shipped rule pack as a value of `kind`."""
    return pack_of(pack_text(name), kind)


def pack_of(text: str, kind: type[T]) -> T:
    """Return the values of `kind` a YAML text holds. Raises Invalid with the field, its value and the remedy."""
    return _convert(yaml_read(text), kind)


def pack_converted(raw: Any, kind: type[T]) -> T:
    """Return the value of `kind` that plain data holds. Raises Invalid with the field, its value and the remedy."""
    return _convert(raw, kind)


@cache
def contact_rule() -> ContactRule:
    """Return the shipped rule on lost contact."""
    return _convert(yaml_read(pack_text("contact.yaml")), ContactRule)


@cache
def reminder_rule() -> ReminderRule:
    """Return the shipped rule on reminding a lower level."""
    return _convert(yaml_read(pack_text("reminders.yaml")), ReminderRule)


def wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    """Return the problem of one field of a pack."""
    return Invalid(code="plan.invalid", zh=f"{field}：{zh}", en=f"{field}: {en}", field=field, value=value)


def yaml_read(text: str) -> Any:
    """Return what a YAML text holds. Invalid for one over 1 MB, or naming the line that is no YAML."""
    if len(text) > MAX_BYTES:
        raise wrong("file", len(text), "文件过大，上限1MB。", "the file is larger than 1 MB; split it.")
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise wrong(where, None, "不是有效的 YAML，请修正该行。", "is not valid YAML; mend this line.") from error


def _convert(raw: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `")
        field = where.rstrip("`").removeprefix("$.") or "file"
        raise wrong(field, _value(raw, field), f"内容不合要求（{text}），请改正。", f"{text}; correct it.") from error


def _value(raw: Any, path: str) -> Any:
    """Follow `levels[0].level` into the raw content, as far as it goes."""
    for part in path.replace("]", "").replace("[", ".").split("."):
        try:
            raw = raw[int(part)] if isinstance(raw, list) else raw[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return raw


Fault = tuple[str, Any, str, str]


def plan_faults_of_pack(plan: Plan) -> Iterator[Fault]:
    """Yield what types can't say: levels complete, codes unique, minutes sensible, citations real."""
    if sorted(rule.level for rule in plan.levels) != list(LEVELS):
        yield "levels", [r.level for r in plan.levels], "应有Ⅰ至Ⅳ级各一次。", "must hold each of 1, 2, 3, 4 once."
    if not plan.area.isdigit() or len(plan.area) not in (2, 4, 6, 9, 12):
        yield "area", plan.area, "应为2、4、6、9或12位区划代码。", "must be a division code of 2, 4, 6, 9 or 12 digits."
    if plan.valid_to is not None and plan.valid_to <= plan.valid_from:
        yield "valid_to", plan.valid_to, "应晚于生效日期。", "must come after valid_from."
    climb = plan.clock.climb
    if not climb or climb[0] <= 0 or list(climb) != sorted(set(climb)):
        yield "clock.climb", climb, "应为递增的正分钟数。", "must be rising minutes above 0."
    if list(plan.task_climb) != sorted(set(plan.task_climb)) or not plan.task_climb or plan.task_climb[0] != 0:
        yield "task_climb", plan.task_climb, "应从0开始递增。", "must rise from 0."
    yield from _level_faults(plan)
    yield from _task_faults(plan)
    yield from _body_faults(plan)


def _level_faults(plan: Plan) -> Iterator[Fault]:
    codes = {task.code for rule in plan.levels for task in rule.tasks}
    for number, rule in enumerate(plan.levels):
        at = f"levels[{number}]"
        if not rule.deciders:
            yield f"{at}.deciders", (), "应写明决定岗位。", "must name the post that decides."
        if not rule.triggers:
            yield f"{at}.triggers", (), "应至少有一个启动条件。", "must hold a start condition."
        if rule.expected_duration_h <= 0:
            yield f"{at}.expected_duration_h", rule.expected_duration_h, "应大于0小时。", "must be above 0 hours."
        for code in rule.replaces:
            if code not in codes:
                yield f"{at}.replaces", code, "没有这项任务。", "no task has this code."
        for place, trigger in enumerate(rule.triggers):
            for item, condition in enumerate(trigger.any_of):
                yield from _condition_faults(f"{at}.triggers[{place}].any_of[{item}]", condition)


# What a condition on a metric of each kind must state: field, in words.
_ASKED = {
    "colour": ("colour", "应写明颜色（blue、yellow、orange、red）。", "needs a colour: blue, yellow, orange or red."),
    "warning": ("colour", "应写明颜色（blue、yellow、orange、red）。", "needs a colour: blue, yellow, orange or red."),
    "grade": ("grade", "应写明事件等级，如 serious。", "needs a grade, serious for example."),
    "level": ("level", "应写明预案代码 plan 和级别 level（1至4）。", "needs the plan's code and its level, 1 to 4."),
}


def _condition_faults(at: str, condition: Condition) -> Iterator[Fault]:
    metric = METRICS.get(condition.metric)
    if metric is None:
        known = "、".join(METRICS)
        yield (
            f"{at}.metric",
            condition.metric,
            f"没有这个指标，可用：{known}。",
            "no such metric; `metrics.py` lists them.",
        )
        return
    if metric.kind in _ASKED:
        field, zh, en = _ASKED[metric.kind]
        if not getattr(condition, field) or (metric.kind == "level" and not condition.plan):
            yield f"{at}.{field}", getattr(condition, field), f"“{metric.name.zh}”条件{zh}", f"{metric.name.en} {en}"
    if metric.kind == "number" and condition.at_least is None and condition.below is None:
        yield (
            f"{at}.at_least",
            None,
            f"“{metric.name.zh}”条件应写明下限 at_least。",
            "needs a bound, at_least for example.",
        )
    if condition.at_least is not None and condition.below is not None and condition.below <= condition.at_least:
        yield f"{at}.below", condition.below, "上限应大于下限。", "must be above at_least."
    for number, other in enumerate(condition.also):
        yield from _condition_faults(f"{at}.also[{number}]", other)


def _task_faults(plan: Plan) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, task in _tasks(plan):
        if task.code in seen:
            yield f"{at}.code", task.code, "任务编号重复。", "this code is used twice."
        seen.add(task.code)
        if task.within <= 0 or not 0 < task.receipt <= task.within:
            yield (
                f"{at}.within",
                task.within,
                "时限应为正，签收时限不超过办结时限。",
                "limits must be above 0, receipt within the limit.",
            )
        if not task.law:
            yield f"{at}.law", (), "应写明法律依据。", "must cite an item of the law."
        for item in task.law:
            if not law_known(item):
                yield f"{at}.law", item, "法条无此项，写法如 67(6)。", "no such item; write it like 67(6)."


def _tasks(plan: Plan) -> Iterator[tuple[str, TaskRule]]:
    for number, rule in enumerate(plan.levels):
        for place, task in enumerate(rule.tasks):
            yield f"levels[{number}].tasks[{place}]", task
    for place, task in enumerate(plan.end.tasks):
        yield f"end.tasks[{place}]", task


def _body_faults(plan: Plan) -> Iterator[Fault]:
    names = {body.organisation for body in plan.bodies}
    if not plan.bodies:
        yield "bodies", (), "应写明指挥机构。", "must name the command body."
    for body in plan.bodies:
        for linked in body.linked:
            if linked not in names:
                yield "bodies.linked", linked, "没有这个指挥机构。", "no such command body."
