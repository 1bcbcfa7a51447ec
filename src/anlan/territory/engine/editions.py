"""The difference between the code list in force and a new one (区划代码变更), as proposals for a person.

Compared from the province down, so that a level knows what became of the one above: a township under a county with a
new code merely follows. Where the new list names no children of a division at all, it is silent about them: they stay,
or follow their parent with their own last digits ("assumed"), and nothing about them is called abolished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from anlan.territory.codes import PROVINCE, VILLAGE, level_of, parent_of
from anlan.territory.engine import changes as kinds
from anlan.territory.engine.changes import Change, heirs, order
from anlan.territory.engine.evidence import LEAST, confidence
from anlan.territory.engine.following import follow
from anlan.territory.engine.matching import Children, Matcher, Rows
from anlan.territory.engine.tree import Listed

HALF = 0.5


def diff(
    old: Iterable[Listed], new: Iterable[Listed], overlaps: Mapping[tuple[str, str], float] | None = None
) -> tuple[Change, ...]:
    """Return the changes that lead from `old` to `new`, from the province down, in code order.

    `old` holds the divisions in force inside the new list's extent. `overlaps`: (old, new) → share of the old outline
    that lies in the new one, 0 to 1, where outlines of both are known. The answer depends on the content alone, not on
    the order of the lists; applying all of it to `old` gives `new`, silent parts as described above.
    """
    before, after = _levels(old), _levels(new)
    found: list[Change] = []
    for level in range(PROVINCE, VILLAGE + 1):
        became = heirs(found)
        here, there = before.get(level, {}), after.get(level, {})
        spoken = {parent_of(code) for code in there}
        quiet = {code for code in here if not spoken.intersection(became.get(parent_of(code), (parent_of(code),)))}
        # Of an abolished parent's children the list does speak, if it speaks of the level: they may be elsewhere.
        quiet -= {code for code in quiet if there and became.get(parent_of(code)) == ()}
        below = (Children(before.get(level + 1, {})), Children(after.get(level + 1, {})))
        compared = {code: row for code, row in here.items() if code not in quiet}
        matcher = Matcher(level, compared, there, below, became, overlaps or {})
        links = _Level(matcher).changes()
        found += follow(links, [here[code] for code in sorted(quiet)], found)
    return tuple(sorted(found, key=order))


def _levels(rows: Iterable[Listed]) -> dict[int, dict[str, Listed]]:
    found: dict[int, dict[str, Listed]] = {}
    for row in sorted(rows, key=lambda row: row.code):
        found.setdefault(level_of(row.code), {})[row.code] = row
    return found


class _Level:
    """Matching at one level, in order of certainty: same code, then pairs, mergers, splits, what is left over."""

    def __init__(self, matcher: Matcher) -> None:
        self.m = matcher
        self.old: Rows = matcher.old
        self.new: Rows = matcher.new
        both = set(self.old) & set(self.new)
        self.released = {code for code in both if self._reused(code)}
        self.stays = both - self.released
        self.gone, self.fresh = set(self.old) - self.stays, set(self.new) - self.stays
        self.links: dict[str, list[tuple[str, dict[str, Any]]]] = {}  # old → [(new, facts)]

    def changes(self) -> list[Change]:
        """Return this level's changes; those that only follow their parent are not yet grouped."""
        self._pair()
        self._merge()
        self._split()
        self._left_over()
        self._return_released()
        done = [self._stay(code) for code in sorted(self.stays)]
        return [change for change in done if change is not None] + self._linked() + self._alone()

    def _reused(self, code: str) -> bool:
        """Has the code been given to another division, and the one that had it another code? Told by the name: it has
        changed here and is found, beside the same parent, under a code that is new or has changed its name too."""
        cores, others = self.m.old_names.stems, self.m.new_names.stems
        if cores[code] == others[code]:
            return False
        moved = (new for new in self.m.new_names.by_stem.get(cores[code], ()) if new != code)
        return any(
            parent_of(new) == parent_of(code) and (new not in self.old or cores[new] != others[new]) for new in moved
        )

    def _link(self, old: str, new: str, facts: dict[str, Any]) -> None:
        self.links.setdefault(old, []).append((new, facts))
        self.gone.discard(old)
        self.fresh.discard(new)

    def _pair(self) -> None:
        for sure, old, new, facts in self.m.pairs(self.gone, self.fresh):
            if sure >= LEAST and old in self.gone and new in self.fresh and not (old == new in self.released):
                self._link(old, new, facts)

    def _merge(self) -> None:
        """A code that is gone, most of whose children (or land) are now another's: merged into it."""
        for old in sorted(self.gone):
            if (new := self._main(old, self.m.old_kids.of, self.m.new_kids, self._gained(old), 0)) is not None:
                self._link(old, new, self.m.facts(old, new))

    def _split(self) -> None:
        """A new code, most of whose children (or land) were another's: split off from it."""
        for new in sorted(self.fresh):
            if (old := self._main(new, self.m.new_kids.of, self.m.old_kids, self._lost(new), 1)) is not None:
                facts = {**self.m.facts(old, new), "stays": old in self.stays, "split": True}
                self._link(old, new, {key: value for key, value in facts.items() if value is not False})

    def _main(self, code: str, kids: Any, holders: Children, among: set[str], side: int) -> str | None:
        mine = kids.get(code, frozenset())
        best = holders.shared(mine, among)[:1]
        if best and best[0][1] >= max(2, HALF * len(mine)):
            return best[0][0]
        laps = [(share, *pair) for pair, share in self.m.overlaps.items() if pair[side] == code and share >= HALF]
        others = [(share, pair[1 - side]) for share, *pair in sorted(laps, reverse=True)]
        return next((other for _, other in others if other in among), None)

    def _gained(self, old: str) -> set[str]:
        """New codes that hold a child name they did not hold before."""
        return {code for core in self.m.old_kids.of.get(old, ()) for code in self.m.new_kids.holders.get(core, ())
                if core not in (self.m.old_kids.of.get(code, ()) if code in self.stays else ())} & set(self.new)  # fmt: skip

    def _lost(self, new: str) -> set[str]:
        return {code for core in self.m.new_kids.of.get(new, ()) for code in self.m.old_kids.holders.get(core, ())
                if core not in (self.m.new_kids.of.get(code, ()) if code in self.stays else ())} & set(self.old)  # fmt: skip

    def _left_over(self) -> None:
        """One code gone and one new under the same parent: by elimination, said as such."""
        gone = Counter(self.m.parents_of(code) for code in self.gone)
        fresh = Counter(parent_of(code) for code in self.fresh)
        for old in sorted(self.gone):
            above = self.m.parents_of(old)
            if len(above) == 1 and gone[above] == 1 == fresh[above[0]]:
                new = next(code for code in sorted(self.fresh) if parent_of(code) == above[0])
                self._link(old, new, {**self.m.facts(old, new), "only_left": True})

    def _return_released(self) -> None:
        """A code taken for reused, but neither side found elsewhere: it was renamed after all."""
        for code in sorted(self.released & self.gone & self.fresh):
            self.gone.discard(code)
            self.fresh.discard(code)
            self.stays.add(code)

    def _stay(self, code: str) -> Change | None:
        one, two = self.old[code], self.new[code]
        facts = {"common": len(self.m.old_kids.of.get(code, frozenset()) & self.m.new_kids.of.get(code, frozenset()))}
        names = (code, code, one.name, two.name, two)
        if one.name != two.name:
            return Change(kinds.RENAMED, self.m.level, *names, evidence=facts)
        if one.legal_parent and two.legal_parent and one.legal_parent != two.legal_parent:
            legal = {"legal_from": one.legal_parent, "legal_to": two.legal_parent}
            return Change(kinds.MOVED, self.m.level, *names, evidence=legal)
        return None

    def _linked(self) -> list[Change]:
        into = Counter(new for found in self.links.values() for new, _ in found)
        done = []
        for old, found in sorted(self.links.items()):
            for new, facts in sorted(found, key=lambda item: item[0]):
                split = len(found) > 1 or bool(facts.get("split"))
                merged = not split and (into[new] > 1 or new in self.stays)
                here = parent_of(new) in self.m.parents_of(old)
                kind = kinds.SPLIT if split else kinds.MERGED if merged else kinds.RECODED if here else kinds.MOVED
                group = f"split:{old}" if split else f"merged:{new}" if merged else ""
                row = None if new in self.stays else self.new[new]
                names = (self.old[old].name, self.new[new].name)
                shown = {key: value for key, value in facts.items() if key != "split"}
                done.append(Change(kind, self.m.level, old, new, *names, row, group, shown, confidence(facts)))
        return done

    def _alone(self) -> list[Change]:
        left = [Change(kinds.ABOLISHED, self.m.level, old=code, old_name=self.old[code].name, confidence=0.5)
                for code in sorted(self.gone)]  # fmt: skip
        return left + [Change(kinds.ADDED, self.m.level, new=code, new_name=self.new[code].name, row=self.new[code],
                              confidence=0.5) for code in sorted(self.fresh)]  # fmt: skip
