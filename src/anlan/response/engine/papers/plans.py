"""Papers of a plan: the response manual and the cards of its posts (应急响应手册 岗位响应卡)."""

from __future__ import annotations

from anlan.response.engine import plan as rulebook
from anlan.response.engine.papers.draft import Draft, Grid, Issuer, Para, PostCard, amount
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.engine.text import Words
from anlan.response.engine.units import unit_name

GROUND = Words("依据", "Ground")


def manual(plan: rulebook.Plan, issuer: Issuer) -> Draft:
    """The manual (应急响应手册): who commands, the groups, every level with its conditions, deciders and tasks, stop-lines, end."""
    title = Words(f"{plan.name.zh}响应手册", f"Response manual: {plan.name.en}")
    source = Words(
        f"依据{plan.source.zh}编制，版本{plan.version}。标有G的条款为可调整的默认值。",
        f"After {plan.source.en}, version {plan.version}. What is marked G is a default that may be changed.",
    )
    blocks: list[Para | Grid | PostCard] = [Para(source, key="source"), *_command(plan)]
    for rule in sorted(plan.levels, key=lambda rule: rule.level):
        blocks += _level(rule)
    return Draft("document", issuer, title, (*blocks, *_lines(plan), *_end(plan)), seal=False)


def cards(plan: rulebook.Plan, issuer: Issuer, address: str) -> Draft:
    """The cards of the plan's posts, one side of A4 each; `address` (of the plan on the platform) is printed as a code."""
    title = Words(f"{plan.name.zh}岗位响应卡", f"Post cards: {plan.name.en}")
    found = tuple(_card(one, plan, address) for one in plan.cards)
    return Draft("cards", issuer, title, found or tuple(_duty_cards(plan, address)), seal=False)


def _name(code: str) -> Words:
    return unit_name(code) or Words(code, code)


def _owner(owner: rulebook.Owner) -> Words:
    return _name(owner.department or owner.role)


def _command(plan: rulebook.Plan) -> list[Para | Grid | PostCard]:
    found: list[Para | Grid | PostCard] = [Para(Words("组织指挥", "Command"), 1)]
    bodies = Words("、".join(body.name.zh for body in plan.bodies), ", ".join(body.name.en for body in plan.bodies))
    leaders = [_name(role) for role in plan.leaders]
    found.append(Para(Words(
        f"指挥机构：{bodies.zh}。指挥人员：{'、'.join(one.zh for one in leaders)}。",
        f"Command bodies: {bodies.en}. Commanders: {', '.join(one.en for one in leaders)}.",
    ), key="bodies"))  # fmt: skip
    if plan.groups:
        head = (Words("工作组", "Group"), Words("牵头", "Lead"), Words("成员", "Members"), Words("职责", "Duties"))
        rows = tuple(
            (group.name, _name(group.lead), _list(group.members), group.duties or Words("", ""))
            for group in plan.groups
        )
        found.append(Grid(Words("工作组", "Working groups"), head, rows, "groups"))
    return found


def _list(codes: tuple[str, ...]) -> Words:
    names = [_name(code) for code in codes]
    return Words("、".join(one.zh for one in names), ", ".join(one.en for one in names))


def _level(rule: rulebook.LevelRule) -> list[Para | Grid | PostCard]:
    numeral = NUMERALS[rule.level]
    deciders, hours = _list(rule.deciders), amount(rule.expected_duration_h)
    head = (Words("责任单位（岗位）", "Post"), Words("任务", "Task"), Words("时限（分钟）", "Within (min)"), GROUND)
    rows = tuple(
        (_owner(task.owner), task.text, Words(str(task.within), str(task.within)), _law(task)) for task in rule.tasks
    )
    return [
        Para(Words(f"{numeral}级响应", f"Level {NUMERALS_EN[rule.level]}"), 1),
        Para(Words(f"决定人：{deciders.zh}。预计期限：{hours}小时。", f"Decided by: {deciders.en}. Expected: {hours} hours."), key="terms"),
        Para(Words("启动条件（符合其一）", "Conditions (any of them)"), 2),
        *(Para(_marked(one), key=f"trigger:{one.id}") for one in rule.triggers),
        Grid(Words(f"{numeral}级响应任务", f"Tasks of level {NUMERALS_EN[rule.level]}"), head, rows, "tasks"),
    ]  # fmt: skip


def _marked(trigger: rulebook.Trigger) -> Words:
    mark = "（G）" if trigger.mark == "G" else ""
    return Words(f"{trigger.id} {trigger.text.zh}{mark}", f"{trigger.id} {trigger.text.en}{' (G)' if mark else ''}")


def _law(task: rulebook.TaskRule) -> Words:
    told = "；".join(task.law) or task.mark
    return Words(told, told)


def _lines(plan: rulebook.Plan) -> list[Para | Grid | PostCard]:
    if not plan.pre_authorised:
        return []
    head = (
        Words("措施", "Action"),
        Words("岗位", "Post"),
        Words("停止线", "Line"),
        Words("报告（分钟）", "Report (min)"),
    )
    rows = tuple(
        (one.text, _name(one.role), Words(f"{amount(one.limit)}{one.unit}", f"{amount(one.limit)} {one.unit}"),
         Words(str(one.receipt), str(one.receipt)))
        for one in plan.pre_authorised
    )  # fmt: skip
    return [
        Para(Words("先关后报", "Act first, report after"), 1),
        Grid(Words("停止线", "Stop-lines"), head, rows, "stoplines"),
    ]


def _end(plan: rulebook.Plan) -> list[Para | Grid | PostCard]:
    return [
        Para(Words("响应终止", "End of the response"), 1),
        *(Para(Words(one.zh.rstrip("。") + "。", one.en.rstrip(".") + "."), key="end") for one in plan.end.conditions),
    ]


def _card(one: rulebook.Card, plan: rulebook.Plan, address: str) -> PostCard:
    first = one.lines[0] if one.lines else None
    said = tuple(
        Words(f"看到{line.see.zh}：{line.do.zh}（{line.within}分钟内）", f"{line.see.en}: {line.do.en} (within {line.within} min)")
        for line in one.lines
    )  # fmt: skip
    calls = tuple(dict.fromkeys((line.report.zh, line.report.en) for line in one.lines))
    return PostCard(
        _name(one.department or one.post), first.see if first else plan.name, said,
        (*(Words(zh, en) for zh, en in calls), *one.channels), one.never, one.stand, address, f"card:{one.department or one.post}",
    )  # fmt: skip


def _duty_cards(plan: rulebook.Plan, address: str) -> list[PostCard]:
    """For a plan without cards: one for each post that has tasks, with the first of them."""
    found: dict[str, list[rulebook.TaskRule]] = {}
    for rule in sorted(plan.levels, key=lambda rule: rule.level):
        for task in rule.tasks:
            found.setdefault(task.owner.department or task.owner.role, []).append(task)
    return [
        PostCard(
            _name(code), Words(f"接到{plan.name.zh}启动通知", f"On notice that the {plan.name.en} is started"),
            tuple(Words(f"{t.text.zh}（{t.within}分钟内）", f"{t.text.en} (within {t.within} min)") for t in tasks[:6]),
            (Words("任务系统签收并反馈；电话、电台各报一次", "Sign for it and report; by telephone and by radio"),),
            (Words("不等不靠，先处置后补报", "Do not wait; act first, report after"),), Words("", ""), address, f"card:{code}",
        )
        for code, tasks in found.items()
    ]  # fmt: skip
