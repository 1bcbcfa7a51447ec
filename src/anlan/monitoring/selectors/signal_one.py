"""One signal with every step it took, those replaced by late readings too; and the mutes that hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Mute, Signal, SignalStep
from anlan.monitoring.rules import rule_words

MOST_STEPS = 500


def signal_one(scope: Scope, signal: UUID) -> dict[str, Any]:
    """Return a signal with its station or area, its rule's words and its steps, oldest first. Two queries."""
    rows = scope.filter(Signal.objects.filter(id=signal)).select_related("station", "series", "area")
    row = rows.first()
    if row is None:
        raise NotFound(
            code="signal.none", zh="没有这条信号，或不在您的管辖范围。", en="There is no such signal within your scope.",
            field="signal", value=signal,
        )  # fmt: skip
    words = rule_words(row.rule, row.rule_version)
    steps = SignalStep.objects.filter(signal_id=signal).order_by("at", "id")[:MOST_STEPS]
    return {
        "row": row,
        "words": words,
        "level_name": words.level_name(row.level).as_dict(),
        "colour": words.colour(row.level),
        "highest": words.highest(row.level),
        "steps": [{"row": step, "level": words.level_name(step.level or step.previous).as_dict(),
                   "colour": words.colour(step.level or step.previous)} for step in steps],
        "others": _others(scope, row),
    }  # fmt: skip


def mutes_now(scope: Scope, at: datetime) -> list[Mute]:
    """Return the mutes that hold now or later in the scope, those ending first on top. One query."""
    return list(scope.filter_chain(Mute.objects.filter(ended_at=None, until_at__gt=at)).order_by("until_at")[:200])


def _others(scope: Scope, row: Signal) -> list[dict[str, Any]]:
    """Other signals that stand at the same station. One query."""
    if row.station_id is None:
        return []
    found = scope.filter(Signal.objects.filter(station_id=row.station_id, state="firing")).exclude(id=row.id)[:20]
    told = [(other, rule_words(other.rule, other.rule_version)) for other in found]
    return [
        {"id": other.id, "rule": words.name.as_dict(), "level": words.level_name(other.level).as_dict(),
         "colour": words.colour(other.level), "at": other.level_at}
        for other, words in told
    ]  # fmt: skip
