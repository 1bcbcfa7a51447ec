"""The loop-back channel: calls go to simulated people, whose answers come back when they fall due.

Nothing leaves the house. The draws follow from seed, warning number, post and step alone, so the same scenario and
seed give the same answers; and one person called for many calls at once answers them all at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from anlan.kernel import clock
from anlan.kernel.ids import draw
from anlan.warning.bulk import rows_write
from anlan.warning.channels.base import Outgoing
from anlan.warning.engine import people
from anlan.warning.models import LoopbackSetting

_INSERT = """
INSERT INTO warning_loopback (call_id, division, person, step, due_at, content, delivered)
SELECT call, division, person, step, due_at, content, false
FROM json_to_recordset(%s) AS x(call uuid, division text, person uuid, step int, due_at timestamptz, content text)
ON CONFLICT DO NOTHING
"""
_SETTING = "SELECT * FROM warning_loopbacksetting WHERE name = 'default'"


class LoopbackChannel:
    """Simulated people, as the scenario sets them up."""

    name = "loopback"
    outside = False

    def serves(self) -> frozenset[str]:
        """The codes the scenario lets it play; none without a scenario."""
        setting = _setting()
        return frozenset(setting.channels) if setting is not None else frozenset()

    def send(self, messages: Sequence[Outgoing]) -> None:
        """Draw each person's answer and keep it until it falls due."""
        setting = _setting()
        if setting is None:
            return
        model = people.model(setting.people)
        rows: list[dict[str, Any]] = []
        for message in messages:
            if message.person is not None:
                rows.extend(_rows(setting.seed, model, message))
        rows_write(_INSERT, rows)


def _rows(seed: int, model: people.PeopleModel, message: Outgoing) -> list[dict[str, Any]]:
    key = (seed, message.number, message.post_code, message.step)
    draws = (draw(*key, "whether"), draw(*key, "when"), draw(*key, "what"))
    hour = message.at.astimezone(clock.BEIJING).hour
    reply = people.reply(model, draws, role=message.role, hour=hour, colour=message.colour)
    if reply is None:
        return []
    due = message.at + timedelta(seconds=reply.delay_s)
    return [
        {"call": call, "division": division, "person": message.person, "step": message.step, "due_at": due,
         "content": reply.content}
        for call, division in message.calls
    ]  # fmt: skip


def _setting() -> LoopbackSetting | None:
    return next(iter(LoopbackSetting.objects.raw(_SETTING)), None)
