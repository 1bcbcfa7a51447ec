"""The rescue plan on site (现场救援方案): drafted in versions, put in force by the commander, never overwritten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.events import RescuePlanInForce, RescuePlanMade
from anlan.response.models import RescuePlan
from anlan.response.services.command_log import entry_put
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.warning.services.moment import pinned


def rescue_plan_make(
    *, by: Actor, command_post: UUID, aims: str, steps: str, safety: str, at: datetime | None = None
) -> RescuePlan:
    """Draft the next version: aims, steps, and the safety part (officer, signal and way of withdrawal, when work stops).

    Raises Invalid when one of the three is empty: no rescue goes on without its safety conditions.
    """
    at = at or clock.now()
    with pinned(at):
        post = post_locked(by, command_post, "command.log")
        for field, text in (("aims", aims), ("steps", steps), ("safety", safety)):
            if not text.strip():
                raise Invalid(code="rescue_plan.incomplete", zh="方案须写明目标、步骤和安全措施（安全员、撤离信号和路线）。",
                              en="The plan needs aims, steps and safety (officer, signal and way of withdrawal).",
                              field=field, value=text)  # fmt: skip
        last = RescuePlan.objects.filter(command_post=post).aggregate(last=Max("number"))["last"] or 0
        row = RescuePlan.objects.create(
            command_post=post, division=post.division, number=last + 1, aims=aims.strip(), steps=steps.strip(),
            safety=safety.strip(), made_at=at, made_by=by.name[:96],
        )  # fmt: skip
        event = RescuePlanMade(post=str(post.pk), plan=str(row.pk), incident=incident_of(post), number=row.number)
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
    return row


def rescue_plan_enforce(*, by: Actor, plan: UUID, at: datetime | None = None) -> RescuePlan:
    """The commander puts a version in force; the one before is replaced and stays readable (条例 art. 21)."""
    at = at or clock.now()
    with pinned(at):
        seen = RescuePlan.objects.filter(pk=plan).first()
        if seen is None:
            raise NotFound(code="rescue_plan.not_found", zh="没有这份方案。", en="There is no such plan.", field="plan",
                           value=plan)  # fmt: skip
        post = post_locked(by, seen.command_post_id, "command.take")
        term = post.terms.filter(state="current").first()
        if by.kind == "person" and (term is None or term.post_id not in (None, by.post)):
            raise Forbidden(code="rescue_plan.commander", zh="方案由现场总指挥批准实施。", field="by", value=by.name,
                            en="The commander on site puts the plan in force.")  # fmt: skip
        row = RescuePlan.objects.get(pk=plan)
        if row.state != "draft":
            raise Conflict(code="rescue_plan.no_draft", zh="该版本已实施或已更新。", field="plan", value=plan,
                           en="This version is in force or replaced already.")  # fmt: skip
        RescuePlan.objects.filter(command_post=post, state="in_force").update(state="replaced")
        row.state, row.in_force_at, row.in_force_by = "in_force", at, by.name[:96]
        row.save()
        event = RescuePlanInForce(post=str(post.pk), plan=str(row.pk), incident=incident_of(post), number=row.number)
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
        text = f"现场救援方案第{row.number}版实施 · Rescue plan version {row.number} in force"
        entry_put(by=by, post=post, kind="decision", text=text, about=f"rescueplan:{row.pk}", at=at, channel="system")
    return row
