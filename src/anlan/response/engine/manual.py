"""The response manual (应急响应手册) and the post cards (岗位响应卡) as values: what a plan asks of each post, level by level.

Nothing here is laid out: a page, a PDF and a telephone all read the same values. Minutes throughout.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from anlan.response.engine.metrics import condition_words
from anlan.response.engine.plan import Card, LevelRule, Line, Owner, Plan, PreAuthorised, Resource, TaskRule, Words
from anlan.response.engine.plan_check import STARTER
from anlan.response.engine.statutes import law_text
from anlan.response.engine.units import owner_name, unit_name

END = 0  # the level under which closing tasks stand
FIRST = 3  # actions a card shows first


class PostTask(NamedTuple):
    """One task of a post: at which level (0: at the end), by when, with what to show for it, and on what it stands.
    `lead` False: the post co-operates."""

    level: int
    code: str
    text: Words
    within: int
    receipt: int
    evidence: Words
    basis: Words
    group: str
    lead: bool
    mark: str


class PostCard(NamedTuple):
    """One side of A4 for one post: what to watch for, the first acts with minutes, two ways to be heard, where to stand,
    what not to do, what it may do without asking, and its tasks, the shortest limit first."""

    plan: str
    version: str
    plan_name: Words
    role: str
    department: str
    post: Words
    lines: tuple[Line, ...]
    first: tuple[PostTask, ...]
    tasks: tuple[PostTask, ...]
    acts: tuple[PreAuthorised, ...]
    channels: tuple[Words, ...]
    stand: Words | None
    never: tuple[Words, ...]


class TriggerWords(NamedTuple):
    """A start condition in words: the plan's own, each condition as it is computed, its citation, and S or G."""

    id: str
    text: Words
    conditions: tuple[Words, ...]
    basis: Words
    mark: str


class PostTasks(NamedTuple):
    """What one post does at one level, its own tasks first."""

    post: Words
    tasks: tuple[PostTask, ...]


class LevelPages(NamedTuple):
    """One level of a plan: what starts it, who proposes and decides, who is told, what each post does."""

    level: int
    matter: Words
    triggers: tuple[TriggerWords, ...]
    proposer: Words
    deciders: tuple[Words, ...]
    announce_to: tuple[Words, ...]
    expected_duration_h: int
    posts: tuple[PostTasks, ...]


class GroupWords(NamedTuple):
    """A working group with its lead and members by name."""

    code: str
    name: Words
    lead: Words
    members: tuple[Words, ...]
    duties: Words | None


class Chapter(NamedTuple):
    """One plan in the manual."""

    code: str
    version: str
    name: Words
    doc_no: str
    source: Words
    groups: tuple[GroupWords, ...]
    levels: tuple[LevelPages, ...]
    acts: tuple[PreAuthorised, ...]
    upgrade: Words | None
    downgrade: Words | None
    quiet_h: float
    end: tuple[Words, ...]
    ended_by: tuple[Words, ...]
    watch: Words | None
    closing: tuple[PostTasks, ...]
    resources: tuple[Resource, ...]


def manual(plans: Iterable[Plan]) -> tuple[Chapter, ...]:
    """Return the manual: a chapter for each plan, in the order given."""
    return tuple(chapter(plan) for plan in plans)


def chapter(plan: Plan) -> Chapter:
    """Return one plan's chapter; levels from the gravest, posts in the order their tasks come."""
    levels = tuple(_level(rule) for rule in sorted(plan.levels, key=lambda rule: rule.level))
    groups = tuple(
        GroupWords(g.code, g.name, _unit(g.lead), tuple(_unit(member) for member in g.members), g.duties)
        for g in plan.groups
    )
    return Chapter(
        plan.code, plan.version, plan.name, plan.doc_no, plan.source, groups, levels, plan.pre_authorised, plan.upgrade,
        plan.downgrade, plan.end.quiet_h, plan.end.conditions, tuple(_ender(who) for who in plan.end.who),
        plan.end.watch, _by_post(END, plan.end.tasks), plan.resources,
    )  # fmt: skip


def post_cards(plan: Plan) -> tuple[PostCard, ...]:
    """Return one card for each post the plan writes one for or gives tasks to: first the written ones, in the plan's
    order, then the others as their tasks come. Posts of one department at two tiers share a card."""
    tasks: dict[tuple[str, str], list[PostTask]] = {}
    for level, rule in _all(plan):
        for owner, lead in [(rule.owner, True), *((helper, False) for helper in rule.support)]:
            tasks.setdefault((owner.role, owner.department), []).append(_task(level, rule, lead))
    written = {(card.post, card.department): card for card in plan.cards}
    keys = [*written, *(key for key in tasks if key not in written)]
    return tuple(_card(plan, key, written.get(key), tasks.get(key, [])) for key in keys)


def _card(plan: Plan, key: tuple[str, str], card: Card | None, tasks: list[PostTask]) -> PostCard:
    role, department = key
    ordered = tuple(sorted(tasks, key=lambda task: (not task.lead, task.level == END, task.within, task.code)))
    acts = tuple(act for act in plan.pre_authorised if act.role == role and not department)
    own = tuple(task for task in ordered if task.lead and task.level != END)
    return PostCard(
        plan.code, plan.version, plan.name, role, department, owner_name(role, department), card.lines if card else (),
        own[:FIRST], ordered, acts, card.channels if card else (), card.stand if card else None,
        card.never if card else (),
    )  # fmt: skip


def _all(plan: Plan) -> list[tuple[int, TaskRule]]:
    found = [(rule.level, task) for rule in sorted(plan.levels, key=lambda rule: -rule.level) for task in rule.tasks]
    return found + [(END, task) for task in plan.end.tasks]


def _level(rule: LevelRule) -> LevelPages:
    triggers = tuple(
        TriggerWords(t.id, t.text, tuple(condition_words(c) for c in t.any_of), law_text(t.law), t.mark)
        for t in rule.triggers
    )
    return LevelPages(
        rule.level, rule.matter, triggers, _unit(rule.proposer), tuple(_unit(role) for role in rule.deciders),
        tuple(_unit(role) for role in rule.announce_to), rule.expected_duration_h, _by_post(rule.level, rule.tasks),
    )  # fmt: skip


def _by_post(level: int, tasks: Iterable[TaskRule]) -> tuple[PostTasks, ...]:
    found: dict[Owner, list[PostTask]] = {}
    for task in tasks:
        found.setdefault(task.owner, []).append(_task(level, task, True))
    return tuple(PostTasks(_tiered(owner), tuple(items)) for owner, items in found.items())


def _tiered(owner: Owner) -> Words:
    name = owner_name(owner.role, owner.department)
    tier = {"city": Words("市", "city "), "county": Words("县（市、区）", "county ")}.get(owner.tier)
    return Words(tier.zh + name.zh, tier.en + name.en) if tier else name


def _task(level: int, rule: TaskRule, lead: bool) -> PostTask:
    return PostTask(
        level, rule.code, rule.text, rule.within, rule.receipt, rule.evidence, law_text(rule.law), rule.working_group,
        lead, rule.mark,
    )  # fmt: skip


def _unit(code: str) -> Words:
    return unit_name(code) or Words(code, code)


def _ender(who: str) -> Words:
    return Words("启动者（谁启动、谁终止）", "whoever started it") if who == STARTER else _unit(who)
