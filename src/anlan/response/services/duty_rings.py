"""A random check rings: who sits at the desk, then the leader on duty, then the superior post, by the ways duty.yaml names."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.response.choices_rings import CHECK
from anlan.response.formats.duty_rules import duty_rule
from anlan.response.models import DutyCheck
from anlan.response.services.rings import hour
from anlan.territory.models import Post
from anlan.warning.models import Ringing
from anlan.warning.services.ringing import RingSpec, ring, ringings_end

WAYS = {"voice": "keys", "sms": "text"}  # channel of an answer → choices.CHECK_WAYS
TITLE = {"zh": "值守抽查", "en": "Duty check"}
Words = dict[str, str]


def check_ring(*, by: Actor, row: DutyCheck, step: int, person: UUID | None, at: datetime) -> None:
    """Ring a person about a check: step 0 who sits at the desk, then whom it climbs to. Call in the act that asks."""
    rule = duty_rule()
    words = _asked(row.post, row.due_at or at) if step == 0 else _silent(row.post, row.asked_at or at, step)
    spec = RingSpec(
        about=f"{CHECK}{row.pk}", step=step, division=row.division, person=person, title=TITLE, words=words,
        channels=rule.ring_by, ends_at=at + timedelta(minutes=rule.ring_min),
    )  # fmt: skip
    ring(by=by, spec=spec, at=at)


def rings_stop(*, by: Actor, row: DutyCheck, at: datetime) -> None:
    """The check was answered: nobody is rung about it any more."""
    ringings_end(by=by, about=f"{CHECK}{row.pk}", at=at)


def rung_answer(row: DutyCheck, at: datetime) -> Ringing | None:
    """The answer by telephone of who sits at the desk, given at or before `at`."""
    found: Ringing | None = Ringing.objects.filter(
        about=f"{CHECK}{row.pk}", step=0, state="answered", answered_at__lte=at
    ).first()
    return found


def _asked(post: Post, due: datetime) -> Words:
    return {
        "zh": f"【值守抽查】{post.name_zh}：请于{hour(due)}前应答。按1或回复1表示在岗。",
        "en": f"[Duty check] {post.name_en}: answer by {hour(due)}. Press or reply 1: I am here.",
    }


def _silent(post: Post, asked: datetime, step: int) -> Words:
    zh, en = ("带班领导", "the leader on duty") if step == 1 else ("上级值班", "the superior post")
    return {
        "zh": f"【值守抽查】{post.name_zh}{hour(asked)}抽查无人应答，请{zh}立即核实。按1或回复1表示收到。",
        "en": f"[Duty check] {post.name_en} has not answered the check of {hour(asked)}: {en} is to find out now."
              " Press or reply 1: received.",
    }  # fmt: skip
