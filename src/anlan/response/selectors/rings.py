"""How people were rung: whom, by which way, how far each message came, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response.choices_rings import REPORT, TASK, TOGETHER, WHO
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
        call = calls.get(_call_of(row)) if row.why == "together" else None
        found[row.about].append(ring_view(call or row, row.about, row.step, together=call is not None))
    return found


def reports_rung(rows: Iterable[Json], key: str = "id") -> None:
    """Lay beside each row about something owed (`key`: its id) how it rang: `rings` as `rings_of`. One query."""
    listed = list(rows)
    found = rings_of(f"{REPORT}{row[key]}" for row in listed)
    for row in listed:
        row["rings"] = found[f"{REPORT}{row[key]}"]


def _calls(rows: list[Ringing]) -> dict[tuple[Any, ...], Ringing]:
    """The one call in which somebody was told of several of a kind, by kind, person and moment."""
    if not rows:
        return {}
    asked = Ringing.objects.filter(person__in={row.person for row in rows}, rung_at__in={row.rung_at for row in rows})
    several = asked.filter(reduce(or_, (Q(about__startswith=prefix) for prefix in TOGETHER.values())))
    return {(_prefix(row), row.person, row.rung_at): row for row in several}


def _call_of(row: Ringing) -> tuple[Any, ...]:
    return (TOGETHER.get(_prefix(row)), row.person, row.rung_at)


def _prefix(row: Ringing) -> str:
    return row.about.partition(":")[0] + ":"


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
