"""What a new message is judged together with, found by asking: all it is tied to by names, and of equal contents only
those near in time.

A name ties for ever. Equal content matters within `Policy.reissue` of the message it repeats, so of all that say the same
only an unbroken run counts: after a pause longer than that, whatever comes stands by itself. A notice that somebody sends
every day does therefore not gather all it ever said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """Where messages are kept. names: the name ties of one; named: all that have one of some; beside: all of the same
    sender and content as one that refer to nothing, away from it in time, the nearest first, later ones (those of the
    same instant among them) or earlier ones, none for what can't be a re-issue; sent: when one was sent.
    """

    names: Callable[[T], Collection[str]]
    named: Callable[[Collection[str]], Iterable[T]]
    beside: Callable[[T, bool], Iterable[T]]
    sent: Callable[[T], datetime]


def near(start: T, shelf: Shelf[T], gap: timedelta) -> list[T]:
    """Return `start` and all others that may stand otherwise for it, or it for them; `gap`: `Policy.reissue`."""
    found: dict[T, None] = {start: None}
    fresh, asked, walked = [start], set[str](), set[T]()
    while fresh:
        wanted = {name for one in fresh for name in shelf.names(one)} - asked
        asked |= wanted
        coming = list(shelf.named(wanted)) if wanted else []
        for one in fresh:
            if one not in walked:
                run = [one, *_run(one, shelf, gap, later=False), *_run(one, shelf, gap, later=True)]
                walked.update(run)
                coming += run
        fresh = [one for one in dict.fromkeys(coming) if one not in found]
        found |= dict.fromkeys(fresh)
    return list(found)


def _run(one: T, shelf: Shelf[T], gap: timedelta, *, later: bool) -> Iterable[T]:
    last = shelf.sent(one)
    for other in shelf.beside(one, later):
        if abs(shelf.sent(other) - last) > gap:
            return
        yield other
        last = shelf.sent(other)
