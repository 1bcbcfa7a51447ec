"""Which resources a plan needs that are not there (预案资源缺口): what it asks for, held against the registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the registers hold a kind: a relief item (times `factor`), words of teams' equipment, or subjects of teams."""

    kind: str
    item: str = ""
    factor: float = 1.0
    equipment: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule pack: all known kinds."""

    version: str
    mark: str
    kinds: tuple[Source, ...]


class Need(NamedTuple):
    """What a plan asks for from `level` on."""

    kind: str
    quantity: float
    level: int


class TeamHolds(NamedTuple):
    """What a team brings: its subject and the words of its equipment list."""

    subject: str
    equipment: tuple[str, ...]


class Held(NamedTuple):
    """A need against the registers: `have` in the plan's unit (None: no register keeps this kind), what is missing."""

    need: Need
    have: float | None
    short: float
    state: Literal["enough", "short", "unknown"]


def held(
    needs: Sequence[Need], sources: Sequence[Source], stock: Mapping[str, float], teams: Sequence[TeamHolds]
) -> tuple[Held, ...]:
    """Hold each need against what there is, in the order given. stock: quantity by relief item."""
    known = {source.kind: source for source in sources}
    return tuple(_held(need, known.get(need.kind), stock, teams) for need in needs)


def _held(need: Need, source: Source | None, stock: Mapping[str, float], teams: Sequence[TeamHolds]) -> Held:
    if source is None:
        return Held(need, None, need.quantity, "unknown")
    if source.item:
        have = stock.get(source.item, 0) / source.factor
    else:
        have = float(sum(_brings(team, source) for team in teams))
    short = max(need.quantity - have, 0.0)
    return Held(need, have, short, "short" if short else "enough")


def _brings(team: TeamHolds, source: Source) -> bool:
    return team.subject in source.subject or any(
        word in held_word for word in source.equipment for held_word in team.equipment
    )
