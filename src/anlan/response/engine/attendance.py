"""Who holds command: is at least one commander or deputy in the command post (指挥部是否有主)?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

POST = "command_post"


class Whereabouts(NamedTuple):
    """Where a leader last checked in: `site` is a place's code or words, POST in the command post, "" unknown."""

    leader: str
    site: str


class Absence(NamedTuple):
    """The command post is without a leader: who is away, and the one site where they all are (or "")."""

    away: tuple[str, ...]
    site: str


def unattended(leaders: Sequence[Whereabouts]) -> Absence | None:
    """Return the absence when nobody is known to be in post and a second leader (or the only one) has left.

    One departure with others not yet heard of is no alarm: they are taken to be reachable. The second departure
    without anyone checked in at the post is one, for from then on command must have been handed over to somebody.
    """
    away = [leader for leader in leaders if leader.site not in ("", POST)]
    if any(leader.site == POST for leader in leaders) or not away:
        return None
    if len(away) < 2 and len(away) < len(leaders):
        return None
    sites = {leader.site for leader in away}
    return Absence(tuple(leader.leader for leader in away), sites.pop() if len(sites) == 1 else "")
