"""Papers checked, signed, issued with their number, sent back and withdrawn (审核 签发 印发 退回 撤回)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from procrastinate.contrib.django import app

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid
from anlan.response import choices_papers
from anlan.response.events import PaperChecked, PaperIssued, PaperReturned, PaperSigned, PaperWithdrawn
from anlan.response.models import Paper, PaperVersion
from anlan.response.services.papers import NO_HANDS, apart, locked, tell, write
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.values_drafts import hand_of

FILES_JOB = "anlan.paper_files"
_COUNT = """
INSERT INTO response_papernumber (id, division, organ, word, year, last) VALUES (%s, %s, %s, %s, %s, 1)
ON CONFLICT (organ, word, year) DO UPDATE SET last = response_papernumber.last + 1 RETURNING last
"""


def paper_check(*, by: Actor, paper: UUID, seen: str, at: datetime | None = None) -> Paper:
    """Another hand than its makers' has read it and found it right (审核). `seen`: the digest read.

    Raises Forbidden (no right there, or one of its makers), Conflict `paper.state` or `paper.moved`.
    """
    at = at or clock.now()
    with pinned(at):
        row = locked(by, paper, seen)
        _step(by, row, "check", "drafted")
        write(row, {"state": "checked", "checked_by": hand_of(by), "checked_at": at, "reason": ""})
        tell(PaperChecked(paper=str(row.pk), digest=row.digest), by, row, at)
    return row


def paper_sign(*, by: Actor, paper: UUID, seen: str, at: datetime | None = None) -> Paper:
    """A post with the right to decide signs what was checked (签发). Raises as `paper_check`."""
    at = at or clock.now()
    with pinned(at):
        row = locked(by, paper, seen)
        _step(by, row, "sign", "checked")
        write(row, {"state": "signed", "signed_by": hand_of(by), "signed_at": at})
        tell(PaperSigned(paper=str(row.pk), digest=row.digest), by, row, at)
    return row


def paper_issue(*, by: Actor, paper: UUID, seen: str, at: datetime | None = None) -> Paper:
    """Number a signed paper and let it out (编号印发); its files are made by the worker. What it replaces is withdrawn.

    The number is the next of its organ, word and year, counted in the same transaction: none is lost, none given twice.
    """
    at = at or clock.now()
    with pinned(at):
        row = locked(by, paper, seen)
        _step(by, row, "issue", "signed")
        year = at.astimezone(ZoneInfo(options.time_zone)).year
        number = _next_number(row, year)
        write(row, {"state": "issued", "year": year, "number": number, "issued_by": hand_of(by), "issued_at": at})
        body = PaperVersion.objects.get(paper=row, version=row.version).body
        event = PaperIssued(
            paper=str(row.pk), paper_kind=row.kind, title={"zh": row.title_zh, "en": row.title_en}, organ=row.organ,
            word=row.word, year=year, number=number, incident=str(row.incident_id) if row.incident_id else None,
            level=str(row.level_id) if row.level_id else None, digest=row.digest, cc=len(body["zh"].get("cc", ())),
        )  # fmt: skip
        tell(event, by, row, at)
        if row.replaces_id:
            old = locked(by, row.replaces_id, over=True)
            by.must("paper.issue", old.division)
            _withdraw(by, old, f"由{row.title_zh}替代 · replaced", at)
        app.configure_task(FILES_JOB).defer(paper=str(row.pk))
    return row


def paper_return(*, by: Actor, paper: UUID, reason: str, at: datetime | None = None) -> Paper:
    """Send it back to its maker with a reason (退回)."""
    at = at or clock.now()
    _reason(reason, "退回须写明理由。", "Say why it is sent back.")
    with pinned(at):
        row = locked(by, paper)
        by.must("paper.check", row.division)
        _state(row, "drafted", "checked", "signed")
        before = row.state
        write(row, {"state": "drafted", "reason": reason, "ended_by": hand_of(by), "ended_at": at, **NO_HANDS})
        tell(PaperReturned(paper=str(row.pk), reason=reason, state=before), by, row, at)
    return row


def paper_withdraw(*, by: Actor, paper: UUID, reason: str, at: datetime | None = None) -> Paper:
    """It no longer counts (撤回): a draft by who may draft, an issued one by who may sign; its number stays its own."""
    at = at or clock.now()
    _reason(reason, "撤回须写明理由。", "Say why it is withdrawn.")
    with pinned(at):
        row = locked(by, paper, over=True)
        by.must("paper.sign" if row.state in ("signed", "issued") else "paper.draft", row.division)
        if row.state == "withdrawn":
            raise Conflict(code="paper.withdrawn", zh="此文已撤回。", en="This paper is withdrawn already.", field="state",
                           value=row.state)  # fmt: skip
        _withdraw(by, row, reason, at)
    return row


def _withdraw(by: Actor, row: Paper, reason: str, at: datetime) -> None:
    before = row.state
    if before == "withdrawn":
        return
    write(row, {"state": "withdrawn", "reason": reason, "ended_by": hand_of(by), "ended_at": at})
    tell(PaperWithdrawn(paper=str(row.pk), reason=reason, state=before), by, row, at)


def _next_number(row: Paper, year: int) -> int:
    """Count on; a second issuer of the same organ waits here until the first is through."""
    with whole_reach(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [ids.new_id(), row.division, row.organ, row.word, year])
        return int(cursor.fetchone()[0])


def _step(by: Actor, row: Paper, step: str, state: str) -> None:
    _state(row, state)
    by.must(f"paper.{step}", row.division)
    if step != "issue" and (refusal := apart(by, row, step, options.paper_hands)) is not None:
        raise refusal


def _state(row: Paper, *states: str) -> None:
    if row.state not in states:
        now, wanted = choices_papers.PAPER_STATES[row.state], [choices_papers.PAPER_STATES[each] for each in states]
        raise Conflict(
            code="paper.state", field="state", value=row.state,
            zh=f"此文现为“{now.zh}”，此步要求“{'、'.join(each.zh for each in wanted)}”；请刷新后按顺序办理。",
            en=f"This paper is “{now.en}”; this step needs “{', '.join(each.en for each in wanted)}”. Refresh and go in order.",
        )  # fmt: skip


def _reason(reason: str, zh: str, en: str) -> None:
    if not reason.strip():
        raise Invalid(code="paper.no_reason", zh=zh, en=en, field="reason", value=reason)
