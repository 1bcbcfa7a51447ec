"""Who is inside (进出清点): nobody is left behind, nobody is counted out twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Movement(NamedTuple):
    """`heads` people of `team` went in (`inward`) or came out."""

    team: str
    inward: bool
    heads: int


class Account(NamedTuple):
    """A withdrawal's account: people of these teams still inside, by team; `clear` when nobody is."""

    inside: dict[str, int]

    @property
    def heads(self) -> int:
        """How many people are still inside."""
        return sum(self.inside.values())

    @property
    def clear(self) -> bool:
        """Is everybody out?"""
        return not self.inside


def inside(movements: Iterable[Movement]) -> dict[str, int]:
    """Return how many people each team has inside, from its movements in any order; teams with nobody are left out."""
    found: dict[str, int] = {}
    for move in movements:
        found[move.team] = found.get(move.team, 0) + (move.heads if move.inward else -move.heads)
    return {team: heads for team, heads in sorted(found.items()) if heads}


def account(teams: Sequence[str], now_inside: dict[str, int]) -> Account:
    """Return the account of the teams a withdrawal was ordered for."""
    return Account({team: now_inside[team] for team in teams if now_inside.get(team, 0) > 0})
