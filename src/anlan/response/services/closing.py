"""After the end (善后收尾): final report, loss assessment, lessons, archive, audit as tasks; the clock of personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.events import ClosingStarted
from anlan.response.formats.level_rules import CloseOutRule, level_rules
from anlan.response.models import Level, Plan, PurgeClock, Task
from anlan.response.selectors.plans import rules_of
from anlan.response.services.incidents import desk_of
from anlan.response.services.tasks import issued_record, tasks_issue
from anlan.response.services.writing import rows_insert
from anlan.territory.models import Post


def closing_start(*, by: Actor, plan: Plan, level: Level, at: datetime) -> list[Task]:
    """Send out what must be done after the end, each with its limit, and start the clock of personal data.

    The plan's own closing tasks go first; what the law asks and the plan doesn't carry (by its tasks' `action`) comes
    from the shipped rules. Call inside the transaction of the decision.
    """
    rules, pack = rules_of(plan), level_rules()
    made = tasks_issue(by=by, plan=plan, level=level, rules=rules.end.tasks, area=rules.area, track=level.track, at=at)
    held = {task.action for task in rules.end.tasks}
    ours = _tasks(plan, level, [rule for rule in pack.closeout if rule.kind not in held], at)
    rows_insert(ours)
    if ours:
        issued_record(by=by, made=ours, about=f"level:{level.pk}", division=level.division, track=level.track, at=at)
    due = at + timedelta(days=pack.purge.days)
    PurgeClock.objects.create(
        level=level, incident_id=level.incident_id, division=level.division, since=first_since(level), until=at,
        due_at=due, next_at=due,
    )  # fmt: skip
    kinds: dict[str, list[str]] = {}
    for task in [*made, *ours]:
        kinds.setdefault(task.action or task.code, []).append(str(task.pk))
    event = ClosingStarted(
        response=str(level.pk), incident=str(level.incident_id) if level.incident_id else None, tasks=kinds,
        purge_at=due, rule=f"levels v{pack.version}",
    )  # fmt: skip
    record(event, by=by, about=f"level:{level.pk}", division=level.division, at=at)
    return [*made, *ours]


def first_since(level: Level) -> datetime:
    """When the response began: since when the first of the rows that led to this one stands."""
    row = level
    while row.previous is not None:
        row = row.previous
    return row.since


def _tasks(plan: Plan, level: Level, rules: Sequence[CloseOutRule], at: datetime) -> list[Task]:
    made = []
    for rule in rules:
        owner = _owner(rule, level.division)
        if owner is None:
            continue
        receipt = at + timedelta(minutes=rule.receipt)
        made.append(Task(
            plan=plan, level=level, incident_id=level.incident_id, track=level.track, code=rule.code, action=rule.kind,
            text_zh=rule.text.zh, text_en=rule.text.en, owner_post=owner, division=owner.division, issued_at=at,
            receipt_due_at=receipt, due_at=at + timedelta(hours=rule.within_h), next_at=receipt,
            evidence_asked=rule.evidence.as_dict(), basis={**rule.basis.as_dict(), "mark": rule.mark},
        ))  # fmt: skip
    return made


def _owner(rule: CloseOutRule, division: str) -> Post | None:
    """The department's duty post in the area itself, where one is named and exists; else the duty desk."""
    if rule.department:
        rows = Post.objects.filter(role=rule.role, division=division, code__endswith=f".department.{rule.department}")
        found = rows.order_by("code").first()
        if found is not None:
            return found
    return desk_of(division)
