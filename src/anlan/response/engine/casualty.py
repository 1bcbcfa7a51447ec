"""The casualty ledger (伤亡台账): totals that follow from named or unnamed entries, and changes worth a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

KINDS = ("dead", "missing", "injured")
LIVE_STATES = frozenset({"entered", "identified"})


class Entry(NamedTuple):
    """One person of the ledger: what happened, the label or name, and the entry's state."""

    kind: str
    label: str
    state: str


def totals(entries: Sequence[Entry]) -> dict[str, int]:
    """Count the live entries by kind; merged and withdrawn ones no longer count."""
    return {kind: sum(e.kind == kind and e.state in LIVE_STATES for e in entries) for kind in KINDS}


def doubles(rows: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the names found twice at one place among (label, place); a number that tells two of a name apart is left out."""
    counts: dict[tuple[str, str], int] = {}
    for label, place in rows:
        name = label.partition(" (")[0]
        counts[name, place] = counts.get((name, place), 0) + 1
    return tuple(sorted({name for (name, _), count in counts.items() if count > 1}))


def frozen(series: Sequence[Mapping[str, float]], *, runs: int = 3) -> tuple[str, ...]:
    """Return the kinds whose non-zero figure didn't move over the last `runs` reports."""
    if len(series) < runs:
        return ()
    last = series[-runs:]
    return tuple(k for k in KINDS if last[-1].get(k, 0) and len({row.get(k, 0) for row in last}) == 1)


def unknown_label(taken: Sequence[str]) -> str:
    """Return the next free label for somebody whose name is not known: unknown-1, unknown-2, …"""
    numbers = [int(label[8:]) for label in taken if label.startswith("unknown-") and label[8:].isdecimal()]
    return f"unknown-{max(numbers, default=0) + 1}"
