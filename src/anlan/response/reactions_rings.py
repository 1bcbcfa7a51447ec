"""What a key or a text message answers, beside checks of a desk: a stop-line's task, a level proposed."""

from __future__ import annotations

from anlan.kernel.journal import EntryRow, react
from anlan.response.services.ring_answers import rung_heard
from anlan.warning.events import RingingAnswered


@react(RingingAnswered)
def ringing_answered_post(event: RingingAnswered, entry: EntryRow) -> None:
    """A post rung about a crossed stop-line has signed for it; who was rung about a proposal has seen it."""
    rung_heard(about=event.about, step=event.step, person=event.person, content=event.content, channel=event.channel,
               at=entry.at)  # fmt: skip
