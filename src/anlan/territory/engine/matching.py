"""Which entry of the new list may be which of the old: candidates found by index, never by trying all pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from anlan.territory.codes import LENGTHS, ancestors, level_of, parent_of
from anlan.territory.engine.evidence import confidence, distance_km
from anlan.territory.engine.tree import Listed, common, stem

Rows = Mapping[str, Listed]
Heirs = Mapping[str, tuple[str, ...]]
CROWD = 40  # a parent with more fresh children than this is not searched for near points


class Names:
    """The entries of one level by the core of their names, and how often a core occurs inside each division above."""

    def __init__(self, rows: Rows, level: int) -> None:
        self.stems = {code: stem(row.name, level) for code, row in rows.items()}
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        self.counts: Counter[tuple[str, str]] = Counter()
        for code, core in sorted(self.stems.items()):
            self.by_stem[core].append(code)
            self.counts.update((above, core) for above in ("", *ancestors(code)))


class Children:
    """Whose child carries which name: the cores of the children's names by parent, and the other way round."""

    def __init__(self, rows: Rows) -> None:
        self.of: dict[str, frozenset[str]] = {}
        self.holders: dict[str, list[str]] = defaultdict(list)
        below: dict[str, set[str]] = defaultdict(set)
        for code, row in sorted(rows.items()):
            core = stem(row.name, level_of(code))
            below[parent_of(code)].add(core)
        for parent, cores in below.items():
            self.of[parent] = frozenset(cores)
            for core in cores:
                self.holders[core].append(parent)

    def shared(self, cores: Iterable[str], among: frozenset[str] | set[str]) -> list[tuple[str, int]]:
        """Return the parents of `among` that hold children of these names, most first, then in code order."""
        found = Counter(holder for core in cores for holder in self.holders.get(core, ()) if holder in among)
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))


class Matcher:
    """The two lists at one level, with what became of the level above (`heirs`), ready to be asked for facts."""

    def __init__(
        self, level: int, old: Rows, new: Rows, below: tuple[Children, Children], heirs: Heirs,
        overlaps: Mapping[tuple[str, str], float],
    ) -> None:  # fmt: skip
        self.level, self.old, self.new, self.heirs, self.overlaps = level, old, new, heirs, overlaps
        self.old_names, self.new_names = Names(old, level), Names(new, level)
        self.old_kids, self.new_kids = below
        self.laps: dict[str, list[str]] = defaultdict(list)
        for one, two in sorted(overlaps):
            self.laps[one].append(two)

    def parents_of(self, old: str) -> tuple[str, ...]:
        """Return what the parent of an old code has become."""
        return self.heirs.get(parent_of(old), (parent_of(old),))

    def tail(self, old: str) -> str:
        """Return the code `old` would have if it only followed its parent, "" when the parent has not just one heir."""
        above = self.parents_of(old)
        if len(above) != 1 or not above[0]:
            return old if self.level == 1 else ""
        return above[0].ljust(LENGTHS[self.level - 1], "0") + old[LENGTHS[self.level - 1] :]

    def facts(self, old: str, new: str) -> dict[str, Any]:
        """Return the evidence for `old` having become `new`; only what speaks for it, and the distance."""
        one, two = self.old[old], self.new[new]
        core = self.old_names.stems[old]
        holder = common(old, new)
        equal = core == self.new_names.stems[new]
        alone = equal and self.old_names.counts[holder, core] == 1 == self.new_names.counts[holder, core]
        kids, held = self.old_kids.of.get(old, frozenset()), self.new_kids.of.get(new, frozenset())
        both = len(kids & held)
        found: dict[str, Any] = {
            "same_name": one.name == two.name,
            "same_stem": equal and one.name != two.name,
            "same_parent": parent_of(new) in self.parents_of(old),
            "unique": alone and self.level - (level_of(holder) if holder else 0) <= 2,
            "tail": self.tail(old) == new,
            "common": both,
            "overlap": self.overlaps.get((old, new)),
        }
        if both:
            found |= {"of_old": len(kids), "of_new": len(held)}
        if (km := distance_km(one, two)) is not None:
            found["km"] = km
        above = parent_of(old)
        if found["tail"] and self.parents_of(old) not in ((above,), ()):
            found["follows"] = above
        return {key: value for key, value in found.items() if value not in (False, None, 0) or key == "km"}

    def pairs(self, gone: set[str], fresh: set[str]) -> list[tuple[float, str, str, dict[str, Any]]]:
        """Return (confidence, old, new, facts) of all pairs worth a look, surest first, then in code order."""
        by_parent: dict[str, list[str]] = defaultdict(list)
        for code in sorted(fresh):
            by_parent[parent_of(code)].append(code)
        found = []
        for old in sorted(gone):
            for new in sorted(self._candidates(old, fresh, by_parent)):
                facts = self.facts(old, new)
                found.append((confidence(facts), old, new, facts))
        return sorted(found, key=lambda item: (-item[0], item[1], item[2]))

    def _candidates(self, old: str, fresh: set[str], by_parent: Mapping[str, list[str]]) -> set[str]:
        named = self.new_names.by_stem.get(self.old_names.stems[old], ())
        near = [code for above in self.parents_of(old) for code in by_parent.get(above, ())]
        kids = self.new_kids.shared(self.old_kids.of.get(old, ()), fresh)[:3]
        found = {*named, *self.laps.get(old, ()), self.tail(old), *(code for code, _ in kids)}
        return (found | set(near if len(near) <= CROWD else ())) & fresh
