"""Somebody goes there (上门): when a call climbs to a visit, a named post gets a task; done, the call is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.response.models import Task
from anlan.response.services.tasks import issued_record
from anlan.response.services.writing import rows_insert
from anlan.territory.models import Post
from anlan.territory.selectors import division_names
from anlan.warning.models import Call
from anlan.warning.services import Answer, answers_take
from anlan.warning.services.moment import pinned, whole_reach

CODE: Final = "V-visit"
RECEIPT: Final = timedelta(minutes=5)


class Visit(NamedTuple):
    """A visit that was asked for: the call, the posts sought and asked to go (codes), and until when."""

    call: str
    sought: str
    visitor: str
    due_at: datetime


def visits_order(*, by: Actor, visits: Sequence[Visit], at: datetime) -> list[Task]:
    """Give each visit to the post asked to go, as a task; returns them. Four statements, however many."""
    with pinned(at), whole_reach():
        codes = {visit.sought for visit in visits} | {visit.visitor for visit in visits}
        posts = {post.code: post for post in Post.objects.filter(code__in=sorted(codes))}
        names = division_names(sorted({post.division for post in posts.values()}))
        made = [_task(visit, posts, names, at) for visit in visits]
        rows_insert(made)
        for task in made:
            issued_record(by=by, made=[task], about=task.about, division=task.division, track="main", at=at)
    return made


def _task(visit: Visit, posts: dict[str, Post], names: dict[str, dict[str, str]], at: datetime) -> Task:
    sought, visitor = posts[visit.sought], posts[visit.visitor]
    place = names.get(sought.division, {"zh": sought.division, "en": sought.division})
    receipt = min(at + RECEIPT, visit.due_at)
    return Task(
        code=CODE, owner_post=visitor, division=visitor.division, place_id=sought.place_id, about=f"call:{visit.call}",
        text_zh=f"{place['zh']}{sought.name_zh}多次呼叫无人回应：立即上门找到人，督促落实预警措施",
        text_en=f"Nobody answers for {sought.name_en or sought.name_zh}, {place['en']}: go there now, find them and see that they act",
        issued_at=at, receipt_due_at=receipt, due_at=visit.due_at, next_at=receipt,
        evidence_asked={"zh": "见到谁、何时、正在做什么", "en": "whom you met, when, and what they are doing"},
        basis={"zh": "叫应到人", "en": "A call ends with a person, not with a message", "mark": "D"},
    )  # fmt: skip


def visit_answer(*, by: Actor, task: UUID, at: datetime) -> bool:
    """The visitor has been there: take it as the answer "acting" to the call, unless somebody answered meanwhile."""
    row = Task.objects.get(id=task)
    with pinned(at), whole_reach():
        call = Call.objects.filter(id=row.about.partition(":")[2]).first()
        if call is None or call.state == "answered":
            return False
        mine = (c for rung in call.route for c in rung["contacts"] if rung["holder"] == "visit")
        person = next((contact[3] for contact in mine if contact[0] == str(row.owner_post_id)), None)
        answer = Answer(call.id, "acting", at, None if person is None else UUID(person), f"visit:{task}")
        return answers_take(by=by, channel="visit", answers=[answer]).accepted == 1
