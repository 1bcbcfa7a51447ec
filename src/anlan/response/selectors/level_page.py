"""One response from its start to its closing: levels, who decided and who let time pass, tasks, bodies, what is left to do."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.choices import name
from anlan.response.choices_levels import CLOSEOUT
from anlan.response.choices_rings import PROPOSAL
from anlan.response.engine.level_words import plan_words, said, trigger_words
from anlan.response.models import BodyLevel, CommandBody, Level, LevelProposal, PurgeClock, Task
from anlan.response.selectors.boards import mismatches_of
from anlan.response.selectors.plans import rules_of
from anlan.response.selectors.rings import rings_of

Json = dict[str, Any]
DONE = ("done", "verified")
CHAIN = 64


def level_get(scope: Scope, key: UUID) -> Level:
    """Return a level in the reader's scope with its plan, event and posts; NotFound otherwise."""
    rows = Level.objects.select_related("plan", "incident", "decided_by_post", "ended_by_post", "proposal")
    row = rows.defer("plan__body").filter(pk=key).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="level.not_found", zh="没有这个响应，或不在您的范围内。",
                       en="There is no such response, or it is not in your scope.", field="level", value=key)  # fmt: skip
    return row


def response_of(level: Level) -> list[Level]:
    """Return all rows of the response a level belongs to, from its start to its latest, whichever is asked for."""
    rows = Level.objects.select_related("decided_by_post", "ended_by_post", "proposal", "plan").defer("plan__body")
    same = rows.filter(plan__code=level.plan.code, track=level.track, incident=level.incident_id)
    known = {row.pk: row for row in same.order_by("since", "id")}
    after = {row.previous_id: row for row in known.values() if row.previous_id is not None}
    first = known[level.pk]
    for _ in range(len(known)):
        if first.previous_id is None or first.previous_id not in known:
            break
        first = known[first.previous_id]
    found = [first]
    while found[-1].pk in after and len(found) < CHAIN:
        found.append(after[found[-1].pk])
    return found


def level_page(scope: Scope, key: UUID, now: datetime) -> Json:
    """Return what the page of a response shows, of the latest of its levels. About ten queries, whatever its size."""
    asked = level_get(scope, key)
    chain = response_of(asked)
    level = chain[-1]
    rules = rules_of(asked.plan)
    tasks = tasks_of_response(scope, chain)
    closing = [{**task, "name": name(CLOSEOUT, task["action"])} for task in tasks if task["action"] in CLOSEOUT]
    return {
        "level": level,
        "said": level_said(level),
        "plan": asked.plan,
        "rules": rules,
        "incident": asked.incident,
        "in_force": level.until is None,
        "started": chain[0],
        "expected_until": level.since + timedelta(hours=level.expected_duration_h),
        "overrun": level.until is None and now > level.since + timedelta(hours=level.expected_duration_h),
        "steps": _steps(chain),
        "proposals": _waiting(level),
        "groups": _groups(rules, [task for task in tasks if task["action"] not in CLOSEOUT]),
        "counts": Counter(_state(task, now) for task in tasks if task["action"] not in CLOSEOUT),
        "closing": sorted(closing, key=lambda task: list(CLOSEOUT).index(task["action"])),
        "purge": PurgeClock.objects.filter(level=level).first(),
        "bodies": _bodies(level),
        "mismatches": mismatches_of(scope, asked.plan.code, level.incident_id, level.track),
    }


def level_said(level: Level) -> Json:
    """Return what a level, and its end, states: every text {zh, en}, in English where it is the plan's or the proposal's."""
    known = plan_words(rules_of(level.plan))
    known |= trigger_words(level.proposal.trigger) if level.proposal is not None else {}

    def both(text: Any) -> Json:
        return said(str(text), known).as_dict()

    end = level.ending or {}
    return {
        **{key: both(getattr(level, key)) for key in ("matter", "reason", "basis")},
        "measures": [both(one) for one in level.measures],
        "end": {
            key: [both(one) for one in value] if isinstance(value, list) else both(value) for key, value in end.items()
        },
    }


def _steps(chain: list[Level]) -> list[Json]:
    """Every decision of the response in order, each with the proposal it answered and how long that waited; the end last."""
    found: list[Json] = []
    for row in chain:
        before = found[-1]["level"].level if found else 0
        kind = "start" if not before else "raise" if row.level < before else "lower"
        waited = (row.since - row.proposal.opened_at).total_seconds() if row.proposal else None
        found.append({"kind": kind, "level": row, "at": row.since, "post": row.decided_by_post, "waited": waited,
                      "undecided": row.proposal.undecided if row.proposal else []})  # fmt: skip
    if chain[-1].until is not None and chain[-1].ending is not None:
        found.append({"kind": "end", "level": chain[-1], "at": chain[-1].until, "post": chain[-1].ended_by_post})
    return found


def _waiting(level: Level) -> list[Json]:
    """Proposals that wait, each with how its deciders were rung: [{row, rings}]."""
    rows = LevelProposal.objects.filter(plan__code=level.plan.code, track=level.track, incident=level.incident_id)
    found = list(rows.filter(state="open").select_related("holder_post").order_by("id"))
    rings = rings_of(f"{PROPOSAL}{row.pk}" for row in found)
    return [{"row": row, "rings": rings[f"{PROPOSAL}{row.pk}"]} for row in found]


def tasks_of_response(scope: Scope, chain: list[Level]) -> list[Json]:
    """Return the tasks of a response in the reader's scope, called-off ones left out, the earliest limit first."""
    rows = scope.filter(Task.objects.filter(level__in=[row.pk for row in chain]).exclude(state="cancelled"))
    fields = ("id", "code", "action", "text_zh", "text_en", "working_group", "state", "due_at", "receipt_at", "done_at",
              "owner_post__name_zh", "owner_post__name_en", "owner_post__code", "evidence", "basis")  # fmt: skip
    return [
        {**row, "text": {"zh": row["text_zh"], "en": row["text_en"]},
         "owner": {"zh": row["owner_post__name_zh"], "en": row["owner_post__name_en"]}}
        for row in rows.order_by("due_at", "code", "id").values(*fields)
    ]  # fmt: skip


def _state(task: Json, now: datetime) -> str:
    if task["state"] in DONE:
        return "done"
    return "overdue" if task["state"] == "overdue" or task["due_at"] < now else str(task["state"])


def _groups(rules: Any, tasks: list[Json]) -> list[Json]:
    """Tasks by working group, in the plan's order of groups, those of no group last; within a group by code."""
    names = {group.code: group.name.as_dict() for group in rules.groups}
    order = {code: number for number, code in enumerate(names)}
    found: dict[str, list[Json]] = {}
    for task in tasks:
        found.setdefault(task["working_group"], []).append(task)
    return [
        {"code": code, "name": names.get(code), "rows": _by_code(rows), "total": len(rows),
         "done": sum(row["state"] in DONE for row in rows)}
        for code, rows in sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0] == "", item[0]))
    ]  # fmt: skip


def _by_code(rows: list[Json]) -> list[Json]:
    """One line a task of the plan, with its owners: how many have signed, done, and who has not."""
    found: dict[str, list[Json]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    return [
        {"code": code, "text": same[0]["text"], "basis": same[0]["basis"], "total": len(same),
         "done": sum(row["state"] in DONE for row in same), "due_at": min(row["due_at"] for row in same),
         "overdue": sum(row["state"] == "overdue" for row in same),
         "left": [row for row in same if row["state"] not in DONE]}
        for code, same in sorted(found.items())
    ]  # fmt: skip


def _bodies(level: Level) -> list[Json]:
    """The plan's command bodies and the level each stands at for this event, the leading one first."""
    rows = CommandBody.objects.filter(plan_code=level.plan.code).order_by("lead_id", "code")
    stands = BodyLevel.objects.filter(body__in=rows, track=level.track, incident=level.incident_id, until__isnull=True)
    held = {row.body_id: row for row in stands}
    found = [{"body": row, "level": held[row.pk].level if row.pk in held else 0,
              "since": held[row.pk].since if row.pk in held else None} for row in rows]  # fmt: skip
    return sorted(found, key=lambda item: item["body"].lead_id is not None)
