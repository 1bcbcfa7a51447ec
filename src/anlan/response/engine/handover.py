"""What is handed over when command passes on (指挥权移交): situation, tasks in progress, resources, open requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]


class Content(NamedTuple):
    """The four parts of a hand-over. `situation` is in the words of the one who hands over; the rest is from the record."""

    situation: str
    tasks: tuple[Json, ...]
    resources: tuple[Json, ...]
    requests: tuple[Json, ...]


def missing(content: Content) -> tuple[str, ...]:
    """Return which parts must still be filled: only the situation can be, the rest may truly be empty."""
    return () if content.situation.strip() else ("situation",)


def open_requests(entries: Sequence[Json]) -> tuple[Json, ...]:
    """Return the requests of a command log nobody has answered, in their order.

    `entries`: {id, kind, answers, corrects, ...} in order; an entry that answers a request closes it, and an entry that
    corrects another takes its place.
    """
    answered = {entry["answers"] for entry in entries if entry.get("answers")}
    replaced = {entry["corrects"] for entry in entries if entry.get("corrects")}
    return tuple(
        entry
        for entry in entries
        if entry["kind"] == "request" and entry["id"] not in answered and entry["id"] not in replaced
    )


def upward(tier_now: int, tier_new: int) -> bool:
    """Does command pass to a higher level? Tiers are lengths of division codes: 0 nation, 2 province, 4 city, 6 county."""
    return tier_new < tier_now
