"""What a drill itself puts on record, beside what the stages under drill record."""

from __future__ import annotations

from typing import Any

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


class DrillEnded(Event, kind="drill.ended", version=1):
    """The drill clock reached the end of the scenario.

    scenario: name of the scenario.
    seed: number all draws of the drill follow from.
    """

    scenario: str
    seed: int


class MessageChecked(Event, kind="drill.message_checked", version=1):
    """A public text of the real event was held against the stop orders in force in the drill.

    fact: id of the fact the text belongs to.
    text: what it told people to do, as {"zh", "en"}.
    blocked: whether the platform would have held it back.
    refusal: why, as the problem the issuer would have seen, with the clauses; empty when not blocked.
    """

    fact: str
    text: dict[str, str]
    blocked: bool
    refusal: dict[str, Any]
