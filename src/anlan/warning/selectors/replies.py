"""Replies that answered no call by themselves and wait to be read, with the calls they may answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.mask import mask_phone
from anlan.territory.models import Person
from anlan.warning import choices
from anlan.warning.models import Call, UnreadReply

MOST = 200


def replies_unread(scope: Scope, limit: int = MOST) -> list[dict[str, Any]]:
    """Replies inside the scope nobody has read, the oldest first. Three queries.

    Each: id, at, words, reason and channel (code, zh, en), setting, division, number (masked), who ("" unless known),
    calls: open calls of the person and those of the message replied to, each {id, warning, number, headline {zh, en},
    colour, answer}.
    """
    open_rows = scope.filter(UnreadReply.objects.filter(became="")).order_by("at", "id")
    found = list(open_rows[: max(1, min(limit, MOST))])
    people = [row.person for row in found if row.person]
    names = dict(scope.filter(Person.objects.filter(id__in=people)).values_list("id", "name"))
    named = [ident for row in found for ident in row.calls]
    own = Q(id__in=named) | Q(person_id__in=people, state__in=("placed", "escalated"), warning__state="in_force")
    calls = list(scope.filter(Call.objects.filter(own)).select_related("warning").order_by("-warning__issued_at", "id"))
    return [_told(row, names, calls) for row in found]


def replies_open(scope: Scope) -> int:
    """How many wait to be read inside the scope. One query."""
    return scope.filter(UnreadReply.objects.filter(became="")).count()


def reply_in(scope: Scope, reply: UUID) -> UnreadReply:
    """One reply inside the scope; NotFound otherwise."""
    found: UnreadReply | None = scope.filter(UnreadReply.objects.filter(id=reply)).first()
    if found is None:
        raise NotFound(
            code="reply.not_found", field="reply", value=reply,
            zh="没有这条回复，或不在您的管辖范围内；请从列表中重新进入。",
            en="There is no such reply, or it is outside your area; go in again from the list.",
        )  # fmt: skip
    return found


def _told(row: UnreadReply, names: dict[UUID, str], calls: list[Call]) -> dict[str, Any]:
    own = [call for call in calls if call.id in row.calls or (row.person and call.person_id == row.person)]
    return {
        "id": row.id, "at": row.at, "words": row.words, "setting": row.setting, "division": row.division,
        "reason": {"code": row.reason, **choices.name(choices.UNREAD_REASONS, row.reason)},
        "channel": {"code": row.channel, **choices.name(choices.CHANNELS, row.channel)},
        "number": _masked(row.address), "who": names.get(row.person, "") if row.person else "",
        "calls": [_call(call) for call in own],
    }  # fmt: skip


def _masked(address: str) -> str:
    """A mailbox shows its first letter and its house; anything else is masked as a telephone."""
    name, at, house = address.partition("@")
    if at:
        return f"{name[:1]}***@{house}"
    return mask_phone(address)[-16:]


def _call(call: Call) -> dict[str, Any]:
    warning = call.warning
    return {
        "id": call.id, "warning": warning.id, "number": warning.number, "colour": warning.colour,
        "headline": {"zh": warning.headline_zh, "en": warning.headline_en},
        "answer": {"code": call.answer, **choices.name(choices.ANSWERS, call.answer)} if call.answer else None,
    }  # fmt: skip
