"""Requests for help (支援请求): opened by the answer "need help", taken and closed by the duty desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.warning.bulk import rows_write
from anlan.warning.events.help import HelpClosed, HelpTaken
from anlan.warning.models import HelpRequest

_ASK = """
INSERT INTO warning_help AS h (id, division, call_id, warning_id, person, asked_at, state, note)
SELECT id, division, call, warning, person, at, 'open', ''
FROM json_to_recordset(%s) AS x(id uuid, division text, call uuid, warning uuid, person uuid, at timestamptz)
ON CONFLICT (call_id) DO UPDATE SET state = 'open', asked_at = excluded.asked_at, person = excluded.person,
  taken_by = NULL, taken_at = NULL, closed_at = NULL, note = '' WHERE h.state = 'closed'
"""


def help_ask(asked: Sequence[dict[str, Any]]) -> None:
    """Open the requests of answers just taken: {id, division, call, warning, person, at}, the latest of each call. One
    statement; the journal has the answers. Call inside the transaction that takes them."""
    rows_write(_ASK, asked)


@transaction.atomic
def help_take(*, by: Actor, request: UUID, at: datetime | None = None) -> HelpRequest:
    """The desk takes a request in hand. Raises Forbidden, Conflict `help.not_open` when somebody has it already."""
    row = HelpRequest.objects.select_for_update().get(id=request)
    by.must("call.log", row.division)
    if row.state != "open":
        raise _stands(row, "此支援请求已受理或已办结；请刷新。", "This request is taken or closed already; refresh.")
    row.state, row.taken_at = "taken", at or clock.now()
    row.taken_by = {"kind": by.kind, "name": by.name, "person": _text(by.person), "post": _text(by.post)}
    row.save(update_fields=["state", "taken_at", "taken_by"])
    waited = int((row.taken_at - row.asked_at).total_seconds())
    event = HelpTaken(help=str(row.id), call=str(row.call_id), warning=str(row.warning_id), waited_s=max(0, waited))
    record(event, by=by, about=f"call:{row.call_id}", division=row.division, at=row.taken_at)
    return row


@transaction.atomic
def help_close(*, by: Actor, request: UUID, note: str, at: datetime | None = None) -> HelpRequest:
    """The request is dealt with. Raises Forbidden, Invalid without a note, Conflict `help.not_taken` unless taken."""
    row = HelpRequest.objects.select_for_update().get(id=request)
    by.must("call.log", row.division)
    if not note.strip():
        raise Invalid(code="help.no_note", zh="办结须写明如何处理。", en="Say what was done.", field="note", value=note)
    if row.state != "taken":
        raise _stands(row, "请先受理此支援请求，再办结。", "Take this request first, then close it.", "help.not_taken")
    row.state, row.closed_at, row.note = "closed", at or clock.now(), note.strip()
    row.save(update_fields=["state", "closed_at", "note"])
    event = HelpClosed(help=str(row.id), call=str(row.call_id), warning=str(row.warning_id), note=row.note)
    record(event, by=by, about=f"call:{row.call_id}", division=row.division, at=row.closed_at)
    return row


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _stands(row: HelpRequest, zh: str, en: str, code: str = "help.not_open") -> Conflict:
    return Conflict(code=code, zh=zh, en=en, field="help", value=row.state)
