"""Safety guides and disaster information officers so that the people reachable add up exactly to a stated number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anlan.kernel.ids import draw
from anlan.territory.codes import TOWNSHIP
from anlan.territory.engine.allot import largest_remainder, smallest
from anlan.territory.engine.spec import World

TOTALS = ("safety_guides", "disaster_information_officers")


def staffed(world: World, villages: Sequence[str], vacant: frozenset[str]) -> dict[str, Any]:
    """Return the plan's officers and guides for the totals of the profile (people, A and B holders).

    Officers: each village but the vacant has an A; the rest of the number are B holders, drawn; what is left when every
    village has two goes to posts of townships. Too few for every village: more are vacant. Guides: posts with A and B, by
    number of villages and a draw; where no village is known, by township.
    """
    totals = world.profile.totals
    found: dict[str, Any] = _officers(world, villages, vacant, totals.get("disaster_information_officers"))
    people = totals.get("safety_guides", 0)
    posts = (people + 1) // 2
    held = list(villages) or [unit.code for unit in world.of_level(TOWNSHIP)]
    if posts and held:
        weights = [50 + int(100 * draw(world.seed, "guides", code)) for code in held]
        guides = {code: n for code, n in zip(held, largest_remainder(posts, weights), strict=True) if n}
        found["guides"] = guides
        if people % 2:
            last = max(guides)
            found["guide_single"] = f"{last}.guide.{guides[last]:02d}"
    return found


def _officers(world: World, villages: Sequence[str], vacant: frozenset[str], total: int | None) -> dict[str, Any]:
    drawn = [(draw(world.seed, "second", code), code) for code in villages if code not in vacant]
    if total is None:
        return {
            "vacant": vacant,
            "with_second": smallest(round(len(villages) * world.profile.officers_with_second), drawn),
        }
    if total < len(drawn):
        more = smallest(len(drawn) - total, [(draw(world.seed, "vacant too", code), code) for _, code in drawn])
        return {"vacant": vacant | more, "with_second": frozenset()}
    second = min(total - len(drawn), len(drawn))
    left = total - len(drawn) - second
    found: dict[str, Any] = {"vacant": vacant, "with_second": smallest(second, drawn)}
    townships = [unit.code for unit in world.of_level(TOWNSHIP)]
    if left and townships:
        posts = largest_remainder((left + 1) // 2, [1] * len(townships))
        officers = {code: n for code, n in zip(townships, posts, strict=True) if n}
        found["officers"] = officers
        if left % 2:
            last = max(officers)
            found["officer_single"] = f"{last}.officer.{officers[last]:02d}"
    return found
