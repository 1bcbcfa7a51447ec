"""From what a gateway said to what is written of a message."""

from __future__ import annotations

from datetime import timedelta

from anlan.kernel import clock
from anlan.warning.channels.gateway import UNSENT, Result
from anlan.warning.engine import channel_health as health
from anlan.warning.models import ChannelSetting
from anlan.warning.services.outbox import Outcome


def untried(ident: int, fence: int) -> Outcome:
    """Back into the queue, due now: it never was handed over."""
    return Outcome(ident, fence, "queued", due=clock.now(), untried=True)


def outcome(setting: ChannelSetting, result: Result, tries: int) -> Outcome:
    """What to write for a result: a message that may still go is due again after the way's back-off."""
    error = result.error[:200]
    if error == UNSENT:
        return untried(result.id, result.fence)
    if result.state in ("handed", "delivered", "failed"):
        return Outcome(result.id, result.fence, result.state, result.reference, result.parts, error)
    if result.state == "gone" and setting.in_doubt == "stop":
        return Outcome(result.id, result.fence, "given_up", error=f"in doubt: {error}"[:200])
    if tries >= setting.tries:
        return Outcome(result.id, result.fence, "given_up", error=error)
    wait = health.retry_after(setting.backoff_s, tries, result.wait_s)
    return Outcome(result.id, result.fence, "queued", error=error, due=clock.now() + timedelta(seconds=wait))
