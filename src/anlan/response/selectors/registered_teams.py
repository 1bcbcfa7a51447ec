"""Teams on the standing register (救援队伍名录), as a command post's intake sees them. The register is the rescue stage's, which
comes later in the chain: it offers its look-up when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple


class RegisteredTeam(NamedTuple):
    """A team of the register: its code, names, kind (a code of TEAM_KINDS), people, until when its members are insured."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    people: int
    insured_to: date | None


Lookup = Callable[[str, str], Sequence[RegisteredTeam]]
_lookups: list[Lookup] = []


def teams_offer(lookup: Lookup) -> None:
    """Let the register be looked up: `lookup(division prefix, code)`, each "" for any; called once, when its stage loads."""
    _lookups[:] = [lookup]


def teams_registered(division: str) -> list[RegisteredTeam]:
    """Return the teams of the register in a division, by code; none where no register is kept. One query."""
    return [team for lookup in _lookups for team in lookup(division, "")]


def team_registered(code: str) -> RegisteredTeam | None:
    """Return the team of the register with that code. One query."""
    return next((team for lookup in _lookups for team in lookup("", code)), None)
