"""A plan in words for pages and print: who owns what, conditions said, differences named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anlan.response.engine.plan import Plan, TaskRule, Words, law_text
from anlan.response.engine.plan_compare import Difference
from anlan.response.engine.units import owner_name, unit_name
from anlan.territory.choices import POST_ROLES

Json = dict[str, Any]

# What a part of a plan is called, for the paths of differences.
NAMES: dict[str, tuple[str, str]] = {
    "levels": ("级别", "level"), "triggers": ("启动条件", "start condition"), "tasks": ("任务", "task"),
    "groups": ("工作组", "group"), "cards": ("响应卡", "card"), "resources": ("资源", "resource"),
    "pre_authorised": ("先期处置权", "stop-line"), "follows": ("上位预案", "upper plan"), "bodies": ("指挥机构", "command body"),
    "text": ("内容", "words"), "within": ("办结时限（分）", "limit (min)"), "receipt": ("签收时限（分）", "receipt (min)"),
    "owner": ("牵头", "lead"), "support": ("配合", "co-operates"), "evidence": ("证据", "evidence"), "law": ("依据", "basis"),
    "deciders": ("决定岗位", "decides"), "proposer": ("提出岗位", "proposes"), "announce_to": ("通知对象", "tells"),
    "expected_duration_h": ("预计期限（小时）", "expected (h)"), "matter": ("响应事项", "matter"), "any_of": ("条件", "conditions"),
    "end": ("终止", "end"), "conditions": ("条件", "conditions"), "who": ("谁终止", "who ends"), "watch": ("后续监视", "watch"),
    "quiet_h": ("观察期（小时）", "quiet (h)"), "next_review": ("下次评估", "next review"), "drill_due": ("演练期限", "drill due"),
    "valid_from": ("生效日期", "valid from"), "issued": ("印发日期", "issued"), "doc_no": ("文号", "document no."),
    "name": ("名称", "name"), "lead": ("牵头单位", "lead unit"), "members": ("成员单位", "members"), "duties": ("职责", "duties"),
    "quantity": ("数量", "quantity"), "limit": ("数值", "number"), "clock": ("决定时限", "decision clock"),
    "upgrade": ("升级", "raising"), "downgrade": ("降级", "lowering"), "working_group": ("工作组", "group"),
    "department": ("部门", "department"), "role": ("岗位", "post"), "hazards": ("灾种", "hazards"), "mark": ("标注", "mark"),
    "lines": ("行动", "lines"), "channels": ("联络方式", "channels"), "stand": ("站位", "where to stand"),
    "never": ("不得", "never"), "tasks_climb": ("任务升级", "climb"), "replaces": ("替代", "replaces"),
    "climb": ("升级（分）", "climb (min)"), "version": ("版本", "version"), "code": ("编号", "code"),
}  # fmt: skip


def rule_words(rules: Plan) -> Json:
    """Return what a template can't work out of the rules by itself: names of roles, units, owners, groups, citations."""
    groups = {group.code: group.name.as_dict() for group in rules.groups}
    return {
        "levels": [
            {
                "rule": level,
                "deciders": [_role(role) for role in level.deciders],
                "proposer": _role(level.proposer),
                "announce_to": [_role(role) for role in level.announce_to],
                "tasks": [_task(task, groups) for task in level.tasks],
                "triggers": [(t, law_text(t.law).as_dict() if t.law else None) for t in level.triggers],
            }
            for level in sorted(rules.levels, key=lambda level: level.level)
        ],
        "groups": [(g, _unit(g.lead), [_unit(member) for member in g.members]) for g in rules.groups],
        "end": {
            "who": [
                {"zh": "启动者（谁启动谁终止）", "en": "whoever started"} if w == "starter" else _role(w)
                for w in rules.end.who
            ],
            "tasks": [_task(task, groups) for task in rules.end.tasks],
        },
        "pre_authorised": [(act, _role(act.role)) for act in rules.pre_authorised],
        "office": _unit(rules.office.unit) if rules.office else None,
        "leaders": [_role(role) for role in rules.leaders],
    }


def _task(task: TaskRule, groups: dict[str, dict[str, str]]) -> Json:
    return {
        "rule": task,
        "owner": owner_name(task.owner.role, task.owner.department).as_dict(),
        "support": [owner_name(owner.role, owner.department).as_dict() for owner in task.support],
        "group": groups.get(task.working_group),
        "law": law_text(task.law).as_dict() if task.law else None,
    }


def _role(code: str) -> dict[str, str]:
    choice = POST_ROLES.get(code)
    return {"zh": choice.zh, "en": choice.en} if choice else {"zh": code, "en": code}


def _unit(code: str) -> dict[str, str]:
    return (unit_name(code) or Words(code, code)).as_dict()


def compared(found: Sequence[Difference]) -> list[Json]:
    """Return differences with their place in words, and both values as a person reads them."""
    return [
        {"path": [_named(part) for part in d.path], "kind": d.kind, "old": _said(d.old), "new": _said(d.new)}
        for d in found
    ]


def _named(part: str) -> dict[str, str]:
    zh, en = NAMES.get(part, (part, part))
    return {"zh": zh, "en": en}


def _said(value: Any) -> dict[str, str]:
    """A value in both languages: words as they are, rows by what they say, lists joined."""
    if value is None:
        return {"zh": "", "en": ""}
    if isinstance(value, dict):
        if set(value) == {"zh", "en"}:
            return value
        main = value.get("text") or value.get("name") or value.get("matter")
        head = " · ".join(
            str(value[key]) for key in ("code", "id", "level", "metric", "role", "department") if value.get(key)
        )
        words = _said(main) if main else {"zh": "", "en": ""}
        rest = _bounds(value)
        return {lang: " ".join(part for part in (head, words[lang], rest) if part) for lang in ("zh", "en")}
    if isinstance(value, list):
        parts = [_said(item) for item in value]
        return {"zh": "；".join(p["zh"] for p in parts), "en": "; ".join(p["en"] for p in parts)}
    return {"zh": str(value), "en": str(value)}


def _bounds(value: Json) -> str:
    low, high = value.get("at_least"), value.get("below")
    return " ".join([f"≥ {low}"] * (low is not None) + [f"< {high}"] * (high is not None))
