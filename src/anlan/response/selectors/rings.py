"""How people were rung: whom, by which way, how far each message came, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response.choices_rings import TASK, TASKS, WHO
from anlan.warning import choices
from anlan.warning.models import Ringing

Json = dict[str, Any]


def rings_of(abouts: Iterable[str]) -> dict[str, list[Json]]:
    """What was rung about each of these, which the reader was let see already: about → rings in order, as `ring_view`. One
    query, and another where somebody was told of several in one call."""
    found: dict[str, list[Json]] = {about: [] for about in abouts}
    with lent(Scope.whole(), options.secret_key):
        rows = list(Ringing.objects.filter(about__in=found).order_by("about", "step"))
        calls = _calls([row for row in rows if row.why == "together"])
    for row in rows:
        call = calls.get((row.person, row.rung_at)) if row.why == "together" else None
        found[row.about].append(ring_view(call or row, row.about, row.step, together=call is not None))
    return found


def _calls(rows: list[Ringing]) -> dict[tuple[Any, Any], Ringing]:
    """The one call in which somebody was told of several tasks, by person and moment."""
    if not rows:
        return {}
    asked = Ringing.objects.filter(about__startswith=TASKS, person__in={row.person for row in rows})
    return {(row.person, row.rung_at): row for row in asked.filter(rung_at__in={row.rung_at for row in rows})}


def ring_view(row: Ringing, about: str, step: int, *, together: bool = False) -> Json:
    """One ring: {step, who, at, state, state_name, why, together, answered_at, via, ways}; `ways` in the order they were
    tried: {channel, setting, state, state_name, tries, at, error}. Nobody is named."""
    who = WHO.get(about.partition(":")[0] + ":", WHO[TASK])
    tried = sorted(
        row.sent, key=lambda code: (row.channels.index(code) if code in row.channels else len(row.channels), code)
    )
    return {
        "step": step, "who": who[min(step, len(who) - 1)], "at": row.rung_at, "state": row.state,
        "state_name": choices.name(choices.RINGING_STATES, row.state), "together": together,
        "why": choices.name(choices.UNRUNG, row.why) if row.why else None, "answered_at": row.answered_at,
        "via": choices.name(choices.CHANNELS, row.via) if row.via else None,
        "ways": [
            row.sent[code] | {"channel": choices.name(choices.CHANNELS, code),
                              "state_name": choices.name(choices.MESSAGE_STATES, row.sent[code]["state"])}
            for code in tried
        ],
    }  # fmt: skip
