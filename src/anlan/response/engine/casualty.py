"""The casualty ledger (伤亡台账): totals that follow from named or unnamed entries, and changes worth a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

KINDS = ("dead", "missing", "injured")
LIVE_STATES = frozenset({"entered", "identified"})


class Entry(NamedTuple):
    """One person of the ledger: what happened, the label or name, and the entry's state."""

    kind: str
    label: str
    state: str


class Fall(NamedTuple):
    """A figure that fell: which, from, to. A fall needs a reason (law 5)."""

    kind: str
    before: int
    after: int


def totals(entries: Sequence[Entry]) -> dict[str, int]:
    """Count the live entries by kind; merged and withdrawn ones no longer count."""
    return {kind: sum(e.kind == kind and e.state in LIVE_STATES for e in entries) for kind in KINDS}


def falls(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Fall, ...]:
    """Return the figures that are lower in `after`. Missing fell while dead rose by as much is no fall: they were found."""
    found = []
    for kind in KINDS:
        old, new = before.get(kind, 0), after.get(kind, 0)
        if kind == "missing":
            new += max(after.get("dead", 0) - before.get("dead", 0), 0)
        if new < old:
            found.append(Fall(kind, old, after.get(kind, 0)))
    return tuple(found)


def frozen(series: Sequence[Mapping[str, int]], *, runs: int = 3) -> tuple[str, ...]:
    """Return the kinds whose non-zero figure didn't move over the last `runs` reports."""
    if len(series) < runs:
        return ()
    last = series[-runs:]
    return tuple(k for k in KINDS if last[-1].get(k, 0) and len({row.get(k, 0) for row in last}) == 1)


def unknown_label(taken: Sequence[str]) -> str:
    """Return the next free label for somebody whose name is not known: unknown-1, unknown-2, …"""
    numbers = [int(label[8:]) for label in taken if label.startswith("unknown-") and label[8:].isdigit()]
    return f"unknown-{max(numbers, default=0) + 1}"
