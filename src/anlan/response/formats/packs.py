"""Reads rule packs (plans, report clocks, contact rule): YAML text → frozen values, or a Problem that says what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.response.engine.plan import LEVELS, Plan, TaskRule, Words, law_known

T = TypeVar("T")
MAX_BYTES = 1_000_000


class ZeroReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The daily report duty: every `interval_h` hours for each division of `tier`, from response level `from_level`."""

    interval_h: int
    tier: str
    from_level: int


class ReportClocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Report clocks with their source (报告时限)."""

    version: str
    source: Words
    mark: str
    valid_from: date
    zero: ZeroReport


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
    plan = _convert(_yaml(text), Plan)
    for field, value, zh, en in _faults(plan):
        raise wrong(field, value, zh, en)
    return plan


def pack_text(name: str) -> str:
    """Return the text of a shipped rule pack, `plans/zhengzhou_flood.yaml` for example."""
    return files("anlan.response").joinpath("rules", *name.split("/")).read_text(encoding="utf-8")


def report_clocks() -> ReportClocks:
    """Return the shipped report clocks."""
    return _convert(_yaml(pack_text("report_clocks.yaml")), ReportClocks)


def contact_rule() -> ContactRule:
    """Return the shipped rule on lost contact."""
    return _convert(_yaml(pack_text("contact.yaml")), ContactRule)


@cache
def reminder_rule() -> ReminderRule:
    """Return the shipped rule on reminding a lower level."""
    return _convert(_yaml(pack_text("reminders.yaml")), ReminderRule)


def wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    """Return the problem of one field of a pack."""
    return Invalid(code="plan.invalid", zh=f"{field}：{zh}", en=f"{field}: {en}", field=field, value=value)


def _yaml(text: str) -> Any:
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


def _faults(plan: Plan) -> Iterator[Fault]:
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
        for trigger in rule.triggers:
            for condition in trigger.any_of:
                if condition.metric == "rain_colour" and condition.colour is None:
                    yield f"{at}.triggers", trigger.id, "雨情条件应写明颜色。", "a rain condition needs a colour."


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
