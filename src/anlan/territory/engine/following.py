"""Changes that only follow from a change above: grouped with it, and assumed where the new list is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from anlan.territory.codes import LENGTHS, level_of, parent_of
from anlan.territory.engine import changes as kinds
from anlan.territory.engine.changes import Change, heirs
from anlan.territory.engine.tree import Listed

UNDER, ADDED = "under:", "+"  # ADDED marks a cause that has no old code
ASSUMED, UNSURE = 0.85, 0.3


def follow(links: Sequence[Change], quiet: Iterable[Listed], above: Sequence[Change]) -> list[Change]:
    """Return one level's changes: `links` grouped under the change above they follow from, and what must become of
    `quiet`, the divisions the new list is silent about. `above`: the changes of the levels above."""
    by_old: dict[str, list[Change]] = {}
    for change in above:
        if change.old != change.new:
            by_old.setdefault(change.old or ADDED + change.new, []).append(change)
    grouped = [_grouped(change, by_old) for change in links]
    return grouped + _assumed(list(quiet), by_old, heirs(above), {change.new for change in grouped})


def _grouped(change: Change, above: dict[str, list[Change]]) -> Change:
    """A child that keeps its name and hangs under the parent's new code says nothing of its own; nor does one that goes
    with an abolished parent or comes with an added one."""
    renamed = bool(change.old and change.new) and change.old_name != change.new_name
    if renamed or change.kind not in (kinds.RECODED, kinds.ABOLISHED, kinds.ADDED):
        return change
    new = parent_of(change.new) if change.new else ""
    causes = [
        cause for cause in above.get(parent_of(change.old) if change.old else ADDED + new, ()) if cause.new == new
    ]
    return replace(change, group=_group(causes[0])) if causes else change


def _group(cause: Change) -> str:
    return cause.group if cause.group.startswith(UNDER) else f"{UNDER}{cause.old}>{cause.new}"


def _assumed(
    quiet: Sequence[Listed], above: dict[str, list[Change]], became: dict[str, tuple[str, ...]], taken: set[str]
) -> list[Change]:
    """Children of a division with a new code take its code and keep their own last digits, where that code is free;
    children of one that was split, abolished or merged into theirs are named, for a person to say."""
    moved = [row for row in quiet if became.get(parent_of(row.code), (parent_of(row.code),)) != (parent_of(row.code),)]
    kept = {row.code for row in quiet} - {row.code for row in moved}
    wanted = {row.code: _tail(row.code, became[parent_of(row.code)]) for row in moved}
    asked = Counter(wanted.values())
    found = []
    for row in moved:
        parent, new = parent_of(row.code), wanted[row.code]
        cause = above[parent][0]
        level = level_of(row.code)
        if new and asked[new] == 1 and new not in kept | taken:
            written = _under(row, new)
            facts = {"follows": parent, "tail": True, "assumed": True}
            found.append(Change(kinds.RECODED, level, row.code, new, row.name, row.name, written, _group(cause), facts,
                                ASSUMED))  # fmt: skip
            continue
        facts = {"follows": parent, "why": "code_taken" if new else "parent_split" if became[parent] else "parent_gone"}
        found.append(Change(kinds.ABOLISHED, level, old=row.code, old_name=row.name, evidence=facts, confidence=UNSURE,
                            group=_group(cause)))  # fmt: skip
    return found


def _tail(code: str, parents: tuple[str, ...]) -> str:
    width = LENGTHS[level_of(code) - 1]
    return parents[0].ljust(width, "0") + code[width:] if len(parents) == 1 else ""


def _under(row: Listed, code: str) -> Listed:
    legal = parent_of(code) if row.legal_parent == parent_of(row.code) else row.legal_parent
    return row._replace(code=code, legal_parent=legal)
