"""What a key or a text message answers: the check of a desk it was rung for."""

from __future__ import annotations

from anlan.kernel.actor import Actor
from anlan.kernel.journal import EntryRow, react
from anlan.response.services.duty_checks import check_heard
from anlan.warning.events import RingingAnswered

SYSTEM = Actor.system("response")


@react(RingingAnswered)
def ringing_answered_check(event: RingingAnswered, entry: EntryRow) -> None:
    """Who was rung for a check of their desk has answered it; whom it climbed to has heard of it."""
    check_heard(by=SYSTEM, about=event.about, step=event.step, person=event.person, channel=event.channel, at=entry.at)
