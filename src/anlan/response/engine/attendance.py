"""Who holds command: is at least one commander or deputy in the command post (指挥部是否有主)?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

POST = "command_post"
Refusal = Literal["", "empty", "not_present"]


class Whereabouts(NamedTuple):
    """Where a leader last checked in: `site` is a place's code or words, POST in the command post, "" unknown."""

    leader: str
    site: str


class Absence(NamedTuple):
    """The command post is without a leader: who is away, and the one site where they all are (or "")."""

    away: tuple[str, ...]
    site: str


class Crowd(NamedTuple):
    """Many leaders of one command at one site away from the command post."""

    site: str
    leaders: tuple[str, ...]


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


def may_leave(leaders: Sequence[Whereabouts], leader: str, site: str, stand_in: str = "") -> Refusal:
    """May `leader` leave for `site`, handing over to `stand_in`? "" yes; "empty": the post would be without a leader;
    "not_present": the one who is to stand in is not in the command post (or is the one who leaves).

    Going to the command post is always allowed. Who is already elsewhere moves freely unless that opens the alarm.
    """
    sites = {one.leader: one.site for one in leaders}
    if site == POST:
        return ""
    if stand_in and (stand_in == leader or sites.get(stand_in) != POST):
        return "not_present"
    after = [Whereabouts(one.leader, site if one.leader == leader else one.site) for one in leaders]
    if any(one.site == POST for one in after):
        return ""
    was_attended = any(one.site == POST for one in leaders)
    return "empty" if was_attended or (unattended(after) and not unattended(leaders)) else ""


def crowds(leaders: Sequence[Whereabouts], most: int) -> list[Crowd]:
    """Sites away from the command post with `most` leaders or more, in order of site (F4 of the reference)."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in leaders:
        if one.site not in ("", POST):
            found[one.site].append(one.leader)
    return [Crowd(site, tuple(sorted(names))) for site, names in sorted(found.items()) if len(names) >= most]
