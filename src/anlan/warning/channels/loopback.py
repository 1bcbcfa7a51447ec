"""The loop-back channel: calls go to simulated people, whose answers come back when they fall due.

Nothing leaves the house. The draws follow from seed, warning number, post and step alone, so the same scenario and
seed give the same answers; and one person called for many calls at once answers them all at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan.kernel import clock
from anlan.kernel.ids import draw
from anlan.warning.channels.base import Outgoing
from anlan.warning.engine import people
from anlan.warning.models import Loopback, LoopbackSetting

BATCH = 5000


class LoopbackChannel:
    """Simulated people, as the scenario sets them up."""

    name = "loopback"
    outside = False

    def serves(self) -> frozenset[str]:
        """The codes the scenario lets it play; none without a scenario."""
        setting = _setting()
        return frozenset(setting.channels) if setting is not None else frozenset()

    def send(self, messages: Sequence[Outgoing], at: datetime) -> None:
        """Draw each person's answer and keep it until it falls due."""
        setting = _setting()
        if setting is None:
            return
        model = people.model(setting.people)
        hour = at.astimezone(clock.BEIJING).hour
        rows = []
        for message in messages:
            if message.person is None:
                continue
            key = (setting.seed, message.number, message.post_code, message.step)
            draws = (draw(*key, "whether"), draw(*key, "when"), draw(*key, "what"))
            reply = people.reply(model, draws, role=message.role, hour=hour, colour=message.colour)
            if reply is not None:
                due = at + timedelta(seconds=reply.delay_s)
                rows.extend(
                    Loopback(
                        call_id=call,
                        division=division,
                        person=message.person,
                        step=message.step,
                        due_at=due,
                        content=reply.content,
                    )
                    for call, division in message.calls
                )
        Loopback.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _setting() -> LoopbackSetting | None:
    return LoopbackSetting.objects.filter(name="default").first()
