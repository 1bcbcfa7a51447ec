"""Before a decision: which tasks a level would add, keep and call off, and to how many posts (任务差异)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anlan.response.engine.plan import TaskRule
from anlan.response.engine.plan_diff import difference
from anlan.response.models import Level, Plan, Task
from anlan.response.selectors.level_page import response_of
from anlan.response.selectors.owners import area_of, desk_in, owners_near, owners_of
from anlan.response.selectors.plans import rules_of, standing
from anlan.territory.models import Post

Json = dict[str, Any]
OPEN = ("issued", "received", "overdue")
NAMED = 3


def level_preview(plan: Plan, level: int, incident: UUID | None, track: str = "main") -> Json:
    """Return what deciding `level` (0: the end) would do now: `previous`; tasks `add`ed with their owners, `keep`, and
    `cancel`led with how many stand open; `posts`: to how many posts new tasks go, `tasks` how many. Five queries."""
    rules = rules_of(plan)
    now = standing(plan, track, incident)
    change = difference(rules, now.number, level)
    new = change.add if level else rules.end.tasks
    posts = owners_near(rules.area, new, area_of(rules, incident))
    held = _held(now.level)
    add = [_added(rule, posts, rules.area) for rule in new]
    asked = {task.code: task for rule in rules.levels for task in rule.tasks}
    return {
        "plan": plan.code,
        "level": level,
        "previous": now.number,
        "add": add,
        "keep": [_standing(rule, held) for rule in change.keep],
        "cancel": [_standing(asked[code], held) for code in change.cancel],
        "tasks": sum(item["count"] for item in add),
        "posts": len({code for item in add for code in item["codes"]}),
        "called_off": sum(held.get(code, {}).get("open", 0) for code in change.cancel),
    }


def _held(level: Level | None) -> dict[str, dict[str, int]]:
    """Tasks there are of the response in force, by code: all, open."""
    if level is None:
        return {}
    rows = Task.objects.filter(level__in=[row.pk for row in response_of(level)]).exclude(state="cancelled")
    found: dict[str, dict[str, int]] = {}
    for code, state in rows.order_by("code", "id").values_list("code", "state"):
        counts = found.setdefault(code, {"all": 0, "open": 0})
        counts["all"] += 1
        counts["open"] += state in OPEN
    return found


def _added(rule: TaskRule, posts: list[Post], area: str) -> Json:
    owners = owners_of(rule, posts)
    takers = owners or desk_in(posts, area)
    return {
        **_told(rule),
        "within": rule.within,
        "count": len(takers),
        "codes": [post.code for post in takers],
        "owners": [{"zh": post.name_zh, "en": post.name_en} for post in takers[:NAMED]],
        "unowned": not owners,
    }


def _standing(rule: TaskRule, held: dict[str, dict[str, int]]) -> Json:
    counts = held.get(rule.code, {"all": 0, "open": 0})
    return {**_told(rule), "count": counts["all"], "open": counts["open"]}


def _told(rule: TaskRule) -> Json:
    return {"code": rule.code, "text": rule.text.as_dict(), "group": rule.working_group}
