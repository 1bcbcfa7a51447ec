"""Replies that answered no call by themselves: kept until the duty desk has read them, each read once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.models import Person
from anlan.warning.channels.gateway import Reply
from anlan.warning.events.channels import ReplyRead, ReplyUnread
from anlan.warning.models import Call, ChannelSetting, OutboxMessage, UnreadReply
from anlan.warning.services.answers import answers_take
from anlan.warning.services.values import Answer

BY = Actor.system("warning")


def reply_keep(*, setting: ChannelSetting, reply: Reply, why: str, message: OutboxMessage | None) -> str:
    """Keep a reply for the duty desk; returns `why`, or "repeated" when the gateway told it before.

    It belongs where its message's call belongs; from an address that was not called, where the one person of that
    telephone belongs, else where the way out does. Call inside a transaction with the whole reach.
    """
    key = reply.key[:200]
    if key and UnreadReply.objects.filter(setting=setting.code, key=key).exists():
        return "repeated"
    person, division = _whose(setting, reply, message)
    row = UnreadReply.objects.create(
        division=division, setting=setting.code, channel=setting.carries, reason=why, words=reply.words[:200],
        address=(message.address if message is not None else "") or reply.address[:600], person=person,
        calls=list(message.calls) if message is not None and not message.ringing else [], key=key, at=reply.at,
    )  # fmt: skip
    event = ReplyUnread(
        setting=setting.code, reason=why, words=row.words, person=str(person) if person else None, reply=str(row.id)
    )
    record(event, by=BY, about=f"channel:{setting.code}", division=division, at=reply.at)
    return why


def _whose(setting: ChannelSetting, reply: Reply, message: OutboxMessage | None) -> tuple[UUID | None, str]:
    if message is not None:
        home = Call.objects.filter(id__in=message.calls).order_by("id").values_list("division", flat=True).first()
        return message.person, home or message.division
    found = list(Person.objects.filter(phone=reply.address).order_by("id").values_list("id", "division")[:2])
    if reply.address and len(found) == 1:
        return found[0]
    return None, setting.division


@transaction.atomic
def reply_answer(*, by: Actor, reply: UUID, call: UUID, content: str) -> UnreadReply:
    """The desk takes a reply as an answer to a call of who sent it, at the moment it came.

    Raises Forbidden, Conflict `reply.read` when somebody has read it already, Invalid for another person's call or an
    unknown answer.
    """
    row = _open(by, reply)
    asked = Call.objects.filter(id=call)
    own = call in row.calls or (row.person is not None and asked.filter(person_id=row.person).exists())
    if not own:
        raise Invalid(
            code="reply.call", field="call", value=call,
            zh="这通叫应不是打给此人的；请从列表中选择此人的叫应。",
            en="This call was not made to this person; choose one of the calls listed.",
        )  # fmt: skip
    answers_take(by=by, answers=[Answer(call, content, row.at, row.person)], channel=row.channel)
    return _end(row, by, content, call, "")


@transaction.atomic
def reply_file(*, by: Actor, reply: UUID, note: str) -> UnreadReply:
    """The desk files a reply away, with a word. Raises Forbidden, Invalid without a word, Conflict `reply.read`."""
    row = _open(by, reply)
    if not note.strip():
        raise Invalid(
            code="reply.no_note", field="note", value=note,
            zh="存档须写一句说明（如：已电话核实）。", en="File it with a word, such as: rang back, all is well.",
        )  # fmt: skip
    return _end(row, by, "filed", None, note.strip()[:1000])


def _open(by: Actor, reply: UUID) -> UnreadReply:
    row = UnreadReply.objects.select_for_update().get(id=reply)
    by.must("call.log", row.division)
    if row.became:
        raise Conflict(
            code="reply.read", field="reply", value=row.became,
            zh="这条回复已有人处理；请刷新列表。", en="Somebody has read this reply already; refresh the list.",
        )  # fmt: skip
    return row


def _end(row: UnreadReply, by: Actor, became: str, call: UUID | None, note: str) -> UnreadReply:
    row.became, row.call, row.note, row.done_at = became, call, note, clock.now()
    own: dict[str, Any] = {"kind": by.kind, "name": by.name}
    row.done_by = {**own, "person": str(by.person) if by.person else None, "post": str(by.post) if by.post else None}
    row.save(update_fields=["became", "call", "note", "done_by", "done_at"])
    waited = max(0, int((row.done_at - row.at).total_seconds()))
    event = ReplyRead(reply=str(row.id), became=became, call=str(call) if call else None, note=note, waited_s=waited)
    record(event, by=by, about=f"channel:{row.setting}", division=row.division, at=row.done_at)
    return row
