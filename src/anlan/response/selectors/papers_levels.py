"""What the record says of a response and of tasks, as papers are filled from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import QuerySet

from anlan.kernel.options import options
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response.engine.level_words import plan_words, said, trigger_words
from anlan.response.engine.papers.facts import Response, Work
from anlan.response.engine.text import Words
from anlan.response.models import Level, Task
from anlan.response.selectors.plans import rules_of
from anlan.territory.selectors import division_names
from anlan.warning.models import Warning

DONE = ("done", "verified")


def response_facts(scope: Scope, level: Level, *, tasks: bool = True) -> Response:
    """Return a response as facts: decision, basis (the warning or the condition met), terms, tasks. About six queries."""
    zone = ZoneInfo(options.time_zone)
    rules = rules_of(level.plan)
    post, names = level.decided_by_post, division_names([level.area])
    place = names.get(level.area, {"zh": "", "en": ""})
    trigger: dict[str, Any] = level.proposal.trigger if level.proposal else {}
    cited = trigger.get("citation") or {}
    known = plan_words(rules) | trigger_words(trigger)
    previous = level.previous
    rows = scope.filter(Task.objects.filter(level=level).exclude(state="cancelled"))
    return Response(
        plan=Words(rules.name.zh, rules.name.en), level=level.level, previous=previous.level if previous else 0,
        matter=said(level.matter, known), since=level.since.astimezone(zone),
        decided_by=Words(post.name_zh, post.name_en) if post else Words("指挥机构", "the command"),
        expected_h=level.expected_duration_h, measures=tuple(said(str(one), known) for one in level.measures),
        tasks=works(rows) if tasks else (), basis=_basis(scope, level),
        trigger=Words(str(trigger.get("zh", "")), str(trigger.get("en", ""))),
        area=Words(place["zh"], place["en"]), until=level.until.astimezone(zone) if level.until else None,
        reason=said(str((level.ending or {}).get("reason", "")) or level.reason or level.note, known),
        citation=Words(str(cited.get("zh", "")), str(cited.get("en", ""))), dropped=_dropped(scope, previous),
    )  # fmt: skip


def _dropped(scope: Scope, previous: Level | None) -> tuple[Words, ...]:
    """What was called off with the level before."""
    if previous is None:
        return ()
    rows = scope.filter(Task.objects.filter(level=previous, state="cancelled")).order_by("code", "id")
    return tuple(dict.fromkeys(Words(zh, en) for zh, en in rows.values_list("text_zh", "text_en")))


def _basis(scope: Scope, level: Level) -> Words:
    """The gravest warning that stood over the area when it was decided, in its own words."""
    moment = level.since
    rows = Warning.objects.filter(issued_at__lte=moment, expires__gt=moment).order_by("-issued_at", "-id")[:200]
    rank = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    over = [row for row in rows if _meets(row.area, level.area) and scope.sees(row.division)]
    if not over:
        return Words("", "")
    first = min(over, key=lambda row: rank.get(row.colour, 4))
    at = first.issued_at.astimezone(ZoneInfo(options.time_zone))
    zh = f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分，{first.headline_zh}：{first.description_zh}"
    return Words(zh, f"{at:%d %B %Y, %H:%M}: {first.headline_en}. {first.description_en}")


def _meets(area: list[str], own: str) -> bool:
    return any(code.startswith(own) or own.startswith(code) for code in area)


def works(rows: QuerySet[Task]) -> tuple[Work, ...]:
    """Tasks as facts, one line where many posts of one kind have the same: the earliest limit counts. One query."""
    zone = ZoneInfo(options.time_zone)
    found: dict[tuple[str, str], list[Task]] = {}
    for row in rows.select_related("owner_post").order_by("due_at", "code", "id"):
        found.setdefault((row.code, row.text_zh), []).append(row)
    return tuple(_work(same, zone) for same in found.values())


def _work(same: list[Task], zone: ZoneInfo) -> Work:
    first = same[0]
    open_ = [row for row in same if row.state not in DONE]
    late = any(row.done_at is not None and row.done_at > row.due_at for row in same)
    state = choices.TASK_STATES.get((open_ or same)[0].state)
    owner = Words(first.owner_post.name_zh, first.owner_post.name_en)
    if len(same) > 1:
        owner = Words(f"{owner.zh}等{len(same)}个岗位", f"{owner.en} and {len(same) - 1} more")
    done: datetime | None = None if open_ else max(row.done_at or row.due_at for row in same)
    law = Words(str(first.basis.get("zh") or ""), str(first.basis.get("en") or first.basis.get("zh") or ""))
    return Work(
        code=first.code, owner=owner, text=Words(first.text_zh, first.text_en), due_at=first.due_at.astimezone(zone),
        state=Words(state.zh, state.en) if state else Words("", ""), done_at=done.astimezone(zone) if done else None,
        late=late, overdue=any(row.state == "overdue" for row in open_),
        law=law,
    )  # fmt: skip


def works_of_order(receivers: list[dict[str, Any]]) -> tuple[Work, ...]:
    """The tasks of an order: a line for each receiver, who leads first, with the part each has. One query."""
    zone = ZoneInfo(options.time_zone)
    rows = Task.objects.filter(pk__in=[one["id"] for one in receivers]).exclude(state="cancelled")
    found = []
    for row in rows.select_related("owner_post").order_by(
        "receipt_only", "cooperating", "due_at", "owner_post__code", "id"
    ):
        part = (
            ("知会", "told") if row.receipt_only else ("配合", "co-operates") if row.cooperating else ("牵头", "leads")
        )
        work = _work([row], zone)
        owner = Words(f"{work.owner.zh}（{part[0]}）", f"{work.owner.en} ({part[1]})")
        found.append(msgspec.structs.replace(work, owner=owner))
    return tuple(found)
