"""A difference between two code lists, and what accepting it makes of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anlan.territory.engine.tree import Listed

ADDED, ABOLISHED, RENAMED, RECODED = "added", "abolished", "renamed", "recoded"
MOVED, MERGED, SPLIT = "moved", "merged", "split"
KINDS = (RENAMED, RECODED, MOVED, MERGED, SPLIT, ABOLISHED, ADDED)


@dataclass(frozen=True)
class Change:
    """One difference: `old` became `new` ("" where there is none), and why that is thought.

    `row` is the new list's entry wherever accepting the change writes one. A merger or a split is several changes of
    one `group` ("merged:<new>", "split:<old>"); a change that only follows from that of a division above has the group
    "under:<old>><new>" of the topmost. `evidence` holds plain values (see `evidence.py`); `confidence` is 0 to 1.
    """

    kind: str
    level: int
    old: str = ""
    new: str = ""
    old_name: str = ""
    new_name: str = ""
    row: Listed | None = None
    group: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 1.0

    @property
    def retires(self) -> bool:
        """Does the old code go out of the list (unless another change brings it back for another division)?"""
        return bool(self.old) and self.kind != RENAMED and self.old != self.new and not self.evidence.get("stays")


def order(change: Change) -> tuple[int, str, str]:
    """Return the key changes are listed by: from the province down, in code order."""
    return change.level, change.old or change.new, change.new


def apply_changes(old: Iterable[Listed], changes: Iterable[Change]) -> dict[str, Listed]:
    """Return the list after the changes, by code. All happen at once, so codes may be exchanged among divisions."""
    taken = list(changes)
    gone = {change.old for change in taken if change.retires}
    after = {row.code: row for row in old if row.code not in gone}
    after |= {change.row.code: change.row for change in taken if change.row is not None}
    return after


def undo_changes(new: Iterable[Listed], changes: Iterable[Change]) -> dict[str, str]:
    """Return code → name as the list was before the changes. What it knew besides names is not brought back."""
    taken = list(changes)
    written = {change.row.code for change in taken if change.row is not None}
    before = {row.code: row.name for row in new if row.code not in written}
    return before | {change.old: change.old_name for change in taken if change.old}


def heirs(changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """Return old code → the codes it lives on as, in order; () for what was abolished. Codes not named live on as they
    are. A division that stays and gives a part away has itself among its heirs."""
    found: dict[str, set[str]] = {}
    for change in changes:
        if change.old:
            into = found.setdefault(change.old, set())
            into |= {change.new} if change.new else set()
            into |= {change.old} if change.evidence.get("stays") else set()
    return {old: tuple(sorted(into)) for old, into in sorted(found.items())}
