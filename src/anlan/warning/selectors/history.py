"""What happened with one call and with one person: who was called when, how, what was answered and how fast."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.territory import choices as territory_choices
from anlan.territory.models import Person
from anlan.warning import choices
from anlan.warning.models import Call, OutboxMessage, Warning
from anlan.warning.selectors.frames import rows

WARNINGS = 200
KINDS = ("call.answered", "call.tried", "call.exhausted")
_PAST = """
SELECT c.id, c.role, c.state, c.answer, c.first_placed_at, c.answered_at, c.holder, w.id AS warning, w.number, w.colour,
  w.headline_zh, w.headline_en,
  (SELECT min((a ->> 'at')::timestamptz) FROM jsonb_array_elements(c.answers) a) AS first_answer
FROM warning_call c JOIN warning_warning w ON w.id = c.warning_id
WHERE c.warning_id = ANY(%s) AND c.person_id = %s ORDER BY c.first_placed_at DESC, c.id
"""


def call_story(scope: Scope, call: Call) -> list[dict[str, Any]]:
    """Everything that happened with a call, in order: [{at, what, who, channel, detail, seconds}].

    what: called, message, answered, tried, exhausted; seconds: after the person was called, where it is an
    answer. Names only of people inside the scope. Three queries.
    """
    wanted = {contact[3] for rung in call.route for contact in rung["contacts"]}
    seen = scope.filter(Person.objects.filter(id__in=wanted))
    names = {str(key): name for key, name in seen.values_list("id", "name")}
    story = [*_called(call, names), *_messages(call, names), *_entries(call, names)]
    return sorted(story, key=lambda one: (one["at"], _ORDER.index(one["what"])))


_ORDER = ("called", "message", "tried", "answered", "exhausted")


def _one(at: datetime, what: str, who: str = "", channel: str = "", **more: Any) -> dict[str, Any]:
    named = choices.name(choices.CHANNELS_ANSWERED, channel) if channel else None
    return {"at": at, "what": what, "who": who, "channel": named, "detail": None, "seconds": None, **more}


def _called(call: Call, names: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for rung, (placed, _due) in zip(call.route, call.attempts, strict=False):
        who = "、".join(filter(None, (names.get(contact[3], "") for contact in rung["contacts"])))
        holder = choices.name(choices.HOLDERS, rung["holder"])
        found.append(_one(datetime.fromisoformat(placed), "called", who, detail=holder))
    return found


def _messages(call: Call, names: dict[str, str]) -> list[dict[str, Any]]:
    sent = OutboxMessage.objects.filter(
        warning=call.warning_id, recipient__in=list(_people(call)), calls__contains=[call.pk]
    )
    return [
        _one(
            row.done_at or row.handed_at or row.at, "message", names.get(str(row.person), ""), row.channel,
            detail=choices.name(choices.MESSAGE_STATES, row.state),
        )
        for row in sent.order_by("id")
    ]  # fmt: skip


def _people(call: Call) -> set[str]:
    return {contact[3] for rung in call.route for contact in rung["contacts"]}


def _entries(call: Call, names: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    placed = [datetime.fromisoformat(at) for at, _due in call.attempts]
    entries = Entry.objects.filter(about=f"call:{call.pk}", kind__in=KINDS).order_by("id")
    for kind, at, data, actor in entries.values_list("kind", "at", "data", "actor"):
        what = kind.partition(".")[2]
        who = names.get(str(data.get("person")), "")
        if what == "answered":
            step = data["step"]
            seconds = int((at - placed[step]).total_seconds()) if step < len(placed) else None
            found.append(_one(at, what, who, data["channel"], detail=choices.name(choices.ANSWERS, data["content"]),
                              seconds=seconds, by=actor["name"] if actor["kind"] == "person" else ""))  # fmt: skip
        elif what == "tried":
            found.append(_one(at, what, who, "desk", detail=choices.name(choices.TRIED, data["outcome"]),
                              note=data["note"], by=actor["name"]))  # fmt: skip
        else:
            found.append(_one(at, what))
    return found


def person_calls(scope: Scope, person: UUID) -> list[dict[str, Any]]:
    """A person's own calls in the latest 200 warnings, newest first: [{call, warning, headline, role, state, answer,
    called_at, seconds until the first answer or None}]. Empty for a person outside the scope. Three queries."""
    if not scope.filter(Person.objects.filter(id=person)).exists():
        return []
    recent = (
        scope.filter_chain(Warning.objects.all()).order_by("-issued_at", "-id").values_list("id", flat=True)[:WARNINGS]
    )
    return [
        {
            "call": row["id"], "warning": row["warning"], "number": row["number"], "colour": row["colour"],
            "headline": {"zh": row["headline_zh"], "en": row["headline_en"]},
            "role": territory_choices.name(territory_choices.POST_ROLES, row["role"]),
            "state": row["state"], "state_name": choices.name(choices.CALL_STATES, row["state"]),
            "answer": choices.name(choices.ANSWERS, row["answer"]) if row["answer"] else None,
            "called_at": row["first_placed_at"],
            "seconds": int((row["first_answer"] - row["first_placed_at"]).total_seconds()) if row["first_answer"] else None,
        }
        for row in rows(_PAST, [list(recent), person])
    ]  # fmt: skip
