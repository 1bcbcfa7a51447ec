"""The command log (指挥日志): append-only; a correction is a new entry that names the one it takes the place of."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices_command
from anlan.response.events import CommandLogged
from anlan.response.models import CommandLogEntry, CommandPost
from anlan.warning.services.moment import pinned

MAX_TEXT = 4000
AHEAD = timedelta(minutes=1)


def log_write(
    *, by: Actor, command_post: UUID, kind: str, text: str, sender: str = "", receiver: str = "", channel: str = "face",
    about: str = "", happened_at: datetime | None = None, answers: UUID | None = None, corrects: UUID | None = None,
    at: datetime | None = None,
) -> CommandLogEntry:  # fmt: skip
    """Write an entry. `happened_at` when the fact was earlier than the writing (补录), never later.

    `answers` closes a request; `corrects` takes the place of an entry, which stays readable. Raises NotFound, Forbidden,
    Conflict (post closed, entry corrected already), Invalid (kind, channel, no text, a time to come).
    """
    from anlan.response.services.command_posts import post_locked  # it writes entries itself

    at = at or clock.now()
    with pinned(at):
        post = post_locked(by, command_post, "command.log")
        _check(kind, channel, text)
        happened = happened_at or at
        if happened > at + AHEAD:
            raise Invalid(code="command.log_ahead", zh="发生时间不能晚于现在；预定事项请下达任务。", field="happened_at",
                          en="The time can't be later than now; give what is to come as a task.", value=happened)  # fmt: skip
        return entry_put(
            by=by, post=post, kind=kind, text=text, sender=sender, receiver=receiver, channel=channel, about=about,
            happened_at=happened, answers=_other(post, answers, "request"), corrects=_other(post, corrects, ""), at=at,
        )  # fmt: skip


def _check(kind: str, channel: str, text: str) -> None:
    for field, value, known in (
        ("kind", kind, choices_command.LOG_KINDS),
        ("channel", channel, choices_command.LOG_CHANNELS),
    ):
        if value not in known:
            raise Invalid(
                code=f"command.log_{field}",
                zh=f"“{value}”不在可选范围：{'、'.join(c.zh for c in known.values())}。",
                en=f"“{value}” is not one of: {', '.join(known)}.",
                field=field,
                value=value,
            )
    if not text.strip() or len(text) > MAX_TEXT:
        raise Invalid(code="command.log_text", zh=f"请写明内容，{MAX_TEXT}字以内。", field="text", value=text[:40],
                      en=f"Say what happened, in at most {MAX_TEXT} characters.")  # fmt: skip


def _other(post: CommandPost, key: UUID | None, kind: str) -> CommandLogEntry | None:
    """Return the entry of the same log that the new one speaks of."""
    if key is None:
        return None
    row = CommandLogEntry.objects.filter(pk=key, command_post=post).first()
    if row is None or (kind and row.entry_kind != kind):
        raise NotFound(code="command.no_entry", zh="本指挥部日志中没有这条记录，或不是请求。", field="entry", value=key,
                       en="This log has no such entry, or it is no request.")  # fmt: skip
    if not kind and row.corrected_by.exists():
        raise Conflict(code="command.corrected", zh="该记录已更正，请更正最新一条。", field="corrects", value=key,
                       en="The entry is corrected already; correct the latest one.")  # fmt: skip
    return row


def entry_put(
    *, by: Actor, post: CommandPost, kind: str, text: str, at: datetime, sender: str = "", receiver: str = "",
    channel: str = "face", about: str = "", happened_at: datetime | None = None, answers: CommandLogEntry | None = None,
    corrects: CommandLogEntry | None = None,
) -> CommandLogEntry:  # fmt: skip
    """Write an entry of a post whose row the caller has locked, so that numbers follow each other without a gap."""
    last = CommandLogEntry.objects.filter(command_post=post).aggregate(last=Max("number"))["last"] or 0
    happened = happened_at or at
    row = CommandLogEntry.objects.create(
        id=ids.new_id(), command_post=post, division=post.division, number=last + 1, at=happened, recorded_at=at,
        entry_kind=kind, sender=sender.strip()[:96], receiver=receiver.strip()[:96], channel=channel, text=text.strip(),
        about=about[:96], by_name=by.name[:96], by_post_id=by.post, answers=answers, corrects=corrects,
    )  # fmt: skip
    event = CommandLogged(
        post=str(post.pk), entry=str(row.pk), number=row.number, incident=str(post.incident_id) if post.incident_id else None,
        entry_kind=kind, channel=channel, linked=row.about,
        answers=str(answers.pk) if answers else None, corrects=str(corrects.pk) if corrects else None,
        late_s=max(int((at - happened).total_seconds()), 0),
    )  # fmt: skip
    record(event, by=by, about=f"commandlog:{post.pk}:{row.number}", division=post.division, at=at)
    return row
