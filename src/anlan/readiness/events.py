"""What a drill itself puts on record, beside what the stages under drill record."""

from __future__ import annotations

from anlan.kernel.journal import Event


class FactNoted(Event, kind="drill.fact_noted", version=1):
    """A dated fact of the real event was reached by the drill clock; nothing in the drill follows from it.

    fact: id of the fact, the row of the scenario's timeline.
    fact_kind: warning, response, observation, incident, decision, public or forces.
    actor: who, as {"zh", "en"}.
    what: what happened, as {"zh", "en"}.
    colour: warning colour, or empty.
    level: response level 1 to 4, or null.
    value: a figure where the source gives one, or null.
    unit: unit of the figure.
    precision: how exact the time is: minute, about, span, evening, night, afternoon or day.
    weak: only a page of doubtful keeping was read for it.
    source: ids of the scenario's SOURCES.md.
    """

    fact: str
    fact_kind: str
    actor: dict[str, str]
    what: dict[str, str]
    colour: str
    level: int | None
    value: float | None
    unit: str
    precision: str
    weak: bool
    source: list[str]
