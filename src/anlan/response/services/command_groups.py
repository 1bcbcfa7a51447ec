"""The working groups of an on-site command post (工作组): who leads, when shifts change, on which channel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.response.events import CommandGroupChanged
from anlan.response.models import CommandGroup
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


def command_group_change(
    *, by: Actor, group: UUID, lead: str | None = None, lead_words: dict[str, str] | None = None, channel: str | None = None,
    shift: Sequence[str] | None = None, active: bool | None = None, at: datetime | None = None,
) -> CommandGroup:  # fmt: skip
    """Change a working group: its lead post (code) or lead in words, radio channel, shift times, or whether it works.

    What is None stays. Raises Invalid for a shift that is no time of day, NotFound for an unknown post.
    """
    at = at or clock.now()
    with pinned(at):
        found = CommandGroup.objects.filter(pk=group).values_list("command_post_id", flat=True).first()
        if found is None:
            raise NotFound(code="command.no_group", zh="没有这个工作组。", en="There is no such group.", field="group",
                           value=group)  # fmt: skip
        post = post_locked(by, found, "command.set_up")
        row = CommandGroup.objects.get(pk=group)  # as it stands now that the post is held: another hand's change stays
        if lead is not None:
            _lead(row, lead, lead_words)
        row.channel = row.channel if channel is None else channel.strip()[:32]
        row.shift = row.shift if shift is None else _shift(shift)
        row.active = row.active if active is None else active
        row.save()
        event = CommandGroupChanged(
            post=str(post.pk), incident=incident_of(post), group=row.code, lead={"zh": row.lead_zh, "en": row.lead_en},
            channel=row.channel, shift=row.shift, active=row.active,
        )  # fmt: skip
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
    return row


def _lead(row: CommandGroup, code: str, words: dict[str, str] | None) -> None:
    found = Post.objects.filter(code=code).first() if code else None
    if code and found is None:
        raise NotFound(code="command.no_lead", zh=f"没有岗位“{code}”。", en=f"There is no post “{code}”.", field="lead",
                       value=code)  # fmt: skip
    row.lead_post = found
    if found is not None:
        row.lead_zh, row.lead_en = found.name_zh[:96], found.name_en[:160]
    elif words:
        row.lead_zh, row.lead_en = words["zh"][:96], words["en"][:160]


def _shift(times: Sequence[str]) -> list[str]:
    for text in times:
        if not _TIME.fullmatch(text):
            raise Invalid(code="command.shift", zh=f"“{text}”不是时刻，写法如 08:00。", field="shift", value=text,
                          en=f"“{text}” is no time of day; write it like 08:00.")  # fmt: skip
    return sorted({text.zfill(5) for text in times})
