"""What follows from a decided level besides its tasks: the body's level, the daily reports, the stop orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.response.engine.plan_diff import tasks_of
from anlan.response.models import CommandBody, Plan
from anlan.response.selectors.plans import rules_of
from anlan.response.services.command import body_level_set
from anlan.response.services.reports import duties_end, duties_start
from anlan.warning.models import StopOrder
from anlan.warning.services import stop_order_end, stop_order_start

# Action of a task → what the warning stage knows as stopped; its texts are checked against these (F11).
STOPS = {
    "stop_metro": "metro",
    "stop_bus": "bus",
    "close_tunnel": "tunnel",
    "stop_school": "school",
    "stop_work": "work",
}


def level_consequences(*, by: Actor, plan: Plan, level: int, track: str, post: UUID, at: datetime) -> None:
    """Carry a decision on (level 0: the response has ended). Call inside the decision's transaction.

    On the track "history" only the command body follows: its reports and orders are dated facts.
    """
    lead = CommandBody.objects.filter(plan_code=plan.code, lead__isnull=True).order_by("code").first()
    system = Actor.system("response")
    if lead is not None:
        body_level_set(by=system, body=lead.code, level=level, track=track, post=post, at=at)
    if track != "main":
        return
    if level:
        duties_start(by=system, plan=plan, level=level, track=track, at=at)
    else:
        duties_end(by=system, plan=plan, track=track, at=at)
    _stops(system, plan, level, at)


def _stops(by: Actor, plan: Plan, level: int, at: datetime) -> None:
    rules = rules_of(plan)
    wanted = sorted({STOPS[task.action] for task in tasks_of(rules, level) if task.action in STOPS})
    for kind in wanted:
        stop_order_start(
            by=by, kind=kind, division=plan.division, source_zh=f"{plan.name_zh}{level}级响应",
            source_en=f"{plan.name_en}, response level {level}", at=at,
        )  # fmt: skip
    ours = StopOrder.objects.filter(division=plan.division, until=None, source_zh__startswith=plan.name_zh)
    for order in ours.exclude(kind__in=wanted).order_by("kind", "id"):
        stop_order_end(by=by, order=order, at=at)
