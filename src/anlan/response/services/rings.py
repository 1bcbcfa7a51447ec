"""Who is rung when a page alone would be too quiet: a stop-line crossed, a level waiting for its decider.

Each is asked for in the act it tells of, and called off in the act that settles it (docs/adr/0021). In a drill nobody is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.response.choices import PROPOSAL_ACTIONS
from anlan.response.choices_rings import PROPOSAL, TASK, TASKS
from anlan.response.engine.plan import NUMERALS
from anlan.response.formats.ring_rules import ring_rule
from anlan.response.models import LevelProposal, Task
from anlan.territory.models import Person, Post
from anlan.territory.selectors.people import on_duty
from anlan.warning.models import Ringing
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.ringing import RingSpec, ringings_end, rings, rings_out

STOP_LINE = {"zh": "停止线", "en": "Stop-line"}
LEVEL = {"zh": "响应建议", "en": "Response level"}
NAMED = 5  # a call about several names so many places, and counts the rest
Words = dict[str, str]


def stoplines_ring(*, by: Actor, tasks: Sequence[Task], at: datetime) -> None:
    """Crossed stop-lines ring the posts on the spot. Call in the act that issued their tasks."""
    if not tasks or not rings_out():
        return
    sits, minutes = sit_at({task.owner_post_id for task in tasks}, at), ring_rule().stop_line_min
    specs = [
        ring_spec(f"{TASK}{task.pk}", 0, task.division, sits.get(task.owner_post_id), STOP_LINE, _crossed(task), at, minutes)
        for task in tasks
    ]  # fmt: skip
    rings(by=by, specs=specs, at=at)


def superiors_ring(*, by: Actor, tasks: Sequence[Task], at: datetime) -> None:
    """Stop-lines nobody signed for ring the superiors they have climbed to (`with_post`): one call to each, whatever the
    number of places. Call in the act of the climb."""
    if not tasks or not rings_out():
        return
    sits, minutes = sit_at({task.with_post_id for task in tasks if task.with_post_id}, at), ring_rule().stop_line_min
    specs: list[RingSpec] = []
    for key, group in groupby(
        sorted(tasks, key=lambda task: str(task.with_post_id)), key=lambda task: task.with_post_id
    ):
        found = list(group)
        first, person = found[0], sits.get(key) if key else None
        each = [
            ring_spec(f"{TASK}{task.pk}", task.escalations, task.division, person, STOP_LINE, _unsigned([task]), at, minutes)
            for task in found
        ]  # fmt: skip
        home = first.with_post.division if first.with_post is not None else first.division
        whole = ring_spec(
            f"{TASKS}{first.pk}", first.escalations, home, person, STOP_LINE, _unsigned(found), at, minutes
        )
        specs += one_call(each, whole)
    rings(by=by, specs=specs, at=at)


def tasks_settled(*, by: Actor, tasks: Iterable[Task], at: datetime) -> None:
    """Tasks were signed for, done or called off: nobody is rung about them any more."""
    ringings_end(by=by, about=[f"{TASK}{task.pk}" for task in tasks if task.stop_line], at=at)


def tasks_keyed(tasks: Iterable[Task], at: datetime) -> list[Ringing]:
    """Answers by telephone of the posts on the spot, given at or before `at`, of stop-lines not signed for yet."""
    abouts = [f"{TASK}{task.pk}" for task in tasks if task.stop_line and task.receipt_at is None]
    if not abouts or not rings_out():
        return []
    return list(
        Ringing.objects.filter(about__in=abouts, step=0, state="answered", answered_at__lte=at).order_by("about")
    )


def proposal_ring(*, by: Actor, row: LevelProposal, at: datetime) -> None:
    """A level waits for the post that holds its clock now: it is rung. What is replayed (track "history") rings nobody."""
    if row.track != "main" or not rings_out():
        return
    spec = ring_spec(f"{PROPOSAL}{row.pk}", row.escalations, row.division, sits_at(row.holder_post, at), LEVEL,
                     _proposed(row), at, ring_rule().proposal_min)  # fmt: skip
    rings(by=by, specs=[spec], at=at)


def proposals_settled(*, by: Actor, rows: Iterable[LevelProposal], at: datetime) -> None:
    """Proposals were decided, gave way, lapsed, or climbed on: whoever has not been rung yet won't be."""
    ringings_end(by=by, about=[f"{PROPOSAL}{row.pk}" for row in rows], at=at)


def sit_at(posts: Iterable[UUID], at: datetime) -> dict[UUID, UUID]:
    """Post → who answers for it at `at`, by the roster, else by appointment: A before B; a post nobody answers for is left
    out. One query. The reader's area is no limit."""
    wanted = sorted(set(posts))
    if not wanted:
        return {}
    with whole_reach():
        found = on_duty(wanted, at)
    first = {post: holders.get("A") or holders.get("B") for post, holders in found.items()}
    return {post: one.person_id for post, one in first.items() if one is not None}


def sits_at(post: Post | None, at: datetime) -> UUID | None:
    """Who answers for one post at `at`."""
    return sit_at([post.pk], at).get(post.pk) if post is not None else None


def name_of(person: UUID | None) -> str:
    """A person's name, for the record of who answered."""
    return (Person.objects.filter(pk=person).values_list("name", flat=True).first() or "") if person else ""


def hour(moment: datetime) -> str:
    """The moment as words say it: HH:MM by Beijing's clock."""
    return moment.astimezone(clock.BEIJING).strftime("%H:%M")


def ring_spec(
    about: str, step: int, division: str, person: UUID | None, title: Words, words: Words, at: datetime, minutes: int
) -> RingSpec:
    """A ring from `at` on, so many minutes long, by the ways of the rule."""
    return RingSpec(about=about, step=step, division=division, person=person, title=title, words=words,
                    channels=ring_rule().ring_by, ends_at=at + timedelta(minutes=minutes))  # fmt: skip


def one_call(each: Sequence[RingSpec], whole: RingSpec) -> list[RingSpec]:
    """One person is told of several: they get the one call `whole`, and each of the several has a row that says so. Told of
    one alone, they get that."""
    return list(each) if len(each) == 1 else [*(replace(one, why="together") for one in each), whole]


def some_named(names: Sequence[Words], counted: str) -> Words:
    """The first few names, and how many there are in all; `counted`: the measure word in Chinese."""
    told, more = names[:NAMED], len(names) - NAMED
    zh, en = "、".join(one["zh"] for one in told), ", ".join(one["en"] for one in told)
    return {"zh": f"{zh}等{len(names)}{counted}", "en": f"{en} and {more} more"} if more > 0 else {"zh": zh, "en": en}


def _crossed(task: Task) -> Words:
    return {
        "zh": f"【停止线】{task.text_zh.rstrip('。')}。请于{hour(task.due_at)}前完成并报告。按1或回复1表示收到。",
        "en": f"[Stop-line] {task.text_en.rstrip('.')}. Do it by {hour(task.due_at)}, then report."
              " Press or reply 1: received.",
    }  # fmt: skip


def _unsigned(tasks: Sequence[Task]) -> Words:
    """Words to a superior: which posts have not signed, since when."""
    since = hour(min(task.issued_at for task in tasks))
    posts = some_named([{"zh": task.owner_post.name_zh, "en": task.owner_post.name_en} for task in tasks], "处")
    return {
        "zh": f"【停止线】{posts['zh']}{since}起水位达到停止线，无人签收，请立即核实并处置。按1或回复1表示收到。",
        "en": f"[Stop-line] {posts['en']}: water at the stop-line since {since} and nobody has signed. Find out and act now."
              " Press or reply 1: received.",
    }  # fmt: skip


def _proposed(row: LevelProposal) -> Words:
    """Words to who decides; the post before, where one let its time pass."""
    action, numeral = PROPOSAL_ACTIONS[row.action], NUMERALS.get(row.level, "")
    zh = f"终止{row.plan.name_zh}响应" if not row.level else f"{action.zh}{row.plan.name_zh}{numeral}级响应"
    en = (
        f"end the response of {row.plan.name_en}"
        if not row.level
        else f"{action.en.lower()} level {numeral}, {row.plan.name_en}"
    )
    last = row.undecided[-1]["name"] if row.undecided else None
    late_zh, late_en = (f"{last['zh']}逾时未决定。", f"{last['en']} has not decided. ") if last else ("", "")
    until_zh, until_en = (f"{hour(row.due_at)}前", f" by {hour(row.due_at)}") if row.next_at else ("立即", " now")
    return {
        "zh": f"【响应建议】平台建议{zh}。{late_zh}请{until_zh}登录平台决定。按1或回复1只表示知悉，不是决定。",
        "en": f"[Response level] Proposed: {en}. {late_en}Decide on the platform{until_en}."
              " Press or reply 1: seen; that decides nothing.",
    }  # fmt: skip
