"""What follows from a decided level besides its tasks: the body's level, the daily reports, the stop orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.response.engine.plan_diff import tasks_of
from anlan.response.models import CommandBody, Level, Plan
from anlan.response.selectors.plans import rules_of
from anlan.response.services.bodies import body_level_set
from anlan.response.services.report_duties import duties_end, duties_start
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


def level_consequences(
    *, by: Actor, plan: Plan, level: int, track: str, incident: UUID | None, post: UUID, at: datetime
) -> None:
    """Carry a decision on (level 0: the response has ended). Call inside the decision's transaction.

    On the track "history" only the command body follows: its reports and orders are dated facts. The daily reports and
    the stops stand as long as any response of the plan asks for them.
    """
    lead = CommandBody.objects.filter(plan_code=plan.code, lead__isnull=True).order_by("code").first()
    system = Actor.system("response")
    if lead is not None:
        body_level_set(by=system, body=lead.code, plan=plan.code, level=level, track=track, incident=incident, post=post,
                       at=at)  # fmt: skip
    if track != "main":
        return
    rows = Level.objects.filter(plan__code=plan.code, track=track, until__isnull=True)
    standing = sorted(rows.values_list("level", flat=True))
    if standing:
        duties_start(by=system, plan=plan, level=standing[0], track=track, at=at)
    else:
        duties_end(by=system, plan=plan, track=track, at=at)
    _stops(system, plan, standing, at)


def _stops(by: Actor, plan: Plan, levels: list[int], at: datetime) -> None:
    rules = rules_of(plan)
    level = min(levels, default=0)
    wanted = sorted({STOPS[task.action] for n in levels for task in tasks_of(rules, n) if task.action in STOPS})
    for kind in wanted:
        stop_order_start(
            by=by, kind=kind, division=plan.division, source_zh=f"{plan.name_zh}{level}级响应",
            source_en=f"{plan.name_en}, response level {level}", at=at,
        )  # fmt: skip
    ours = StopOrder.objects.filter(division=plan.division, until=None, source_zh__startswith=plan.name_zh)
    for order in ours.exclude(kind__in=wanted).order_by("kind", "id"):
        stop_order_end(by=by, order=order, at=at)
