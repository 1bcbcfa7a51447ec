"""A list of divisions as a tree: its entries, what hangs where, what is wrong with it, and the core of a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from anlan.territory.codes import COUNTY, PROVINCE, TOWNSHIP, VILLAGE, is_zone, level_of, parent_of


class Listed(NamedTuple):
    """One division of a code list: prefix-form code, name, and what else the list says. Degrees are WGS-84.

    `coord_src` starting with "est_" marks a point nobody surveyed; it is no evidence of anything.
    """

    code: str
    name: str
    name_en: str = ""
    kind: str = ""
    legal_parent: str = ""
    lon: float | None = None
    lat: float | None = None
    coord_src: str = ""
    population: int | None = None
    population_src: str = ""

    @property
    def surveyed(self) -> bool:
        """Has it a point that is more than an estimate?"""
        return self.lon is not None and self.lat is not None and not self.coord_src.startswith("est_")


class TreeFault(NamedTuple):
    """What keeps a list from being a tree: `kind` is orphan | legal_orphan | zone_without_legal; `about` is the code
    that is missing ("" where none is named)."""

    kind: str
    code: str
    about: str = ""


# Longest first: 街道办事处 before 办事处. A stem tells 偃师市 and 偃师区, 曹镇乡 and 曹镇街道 to be one place.
SUFFIXES: Mapping[int, tuple[str, ...]] = {
    1: ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"),
    2: ("自治州", "地区", "盟", "市"),
    COUNTY: ("自治县", "自治旗", "特区", "林区", "县", "市", "区", "旗"),
    TOWNSHIP: ("街道办事处", "民族乡", "办事处", "街道", "地区", "苏木", "镇", "乡"),
    VILLAGE: (
        "社区居民委员会", "社区居委会", "村民委员会", "居民委员会", "村委会", "居委会", "社区", "嘎查", "村",
    ),
}  # fmt: skip


def stem(name: str, level: int) -> str:
    """Return the core of a name, without what only tells its rank; the name itself when nothing would be left."""
    text = "".join(name.split())
    for suffix in SUFFIXES[level]:
        if text.endswith(suffix) and len(text) > len(suffix):
            return text[: -len(suffix)]
    return text


def children_of(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return parent → its children in code order, by the statistical tree; "" holds the provinces."""
    found: dict[str, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(parent_of(code), []).append(code)
    return {parent: tuple(below) for parent, below in found.items()}


def tree_faults(listed: Iterable[Listed], known: Iterable[str] = ()) -> tuple[TreeFault, ...]:
    """Return what keeps the list, together with the codes `known` already, from being a tree, in code order.

    orphan: the parent is in neither. legal_orphan: the legal parent named is in neither. zone_without_legal: a
    statistical zone (county part 71-79) does not say which legal division it lies in; that is a doubt, no error.
    """
    rows = sorted(listed)
    there = {row.code for row in rows} | set(known)
    found = []
    for row in rows:
        parent = parent_of(row.code)
        if parent and parent not in there:
            found.append(TreeFault("orphan", row.code, parent))
        if row.legal_parent not in ("", parent) and row.legal_parent not in there:
            found.append(TreeFault("legal_orphan", row.code, row.legal_parent))
        if level_of(row.code) == COUNTY and is_zone(row.code) and row.legal_parent in ("", parent):
            found.append(TreeFault("zone_without_legal", row.code))
    return tuple(found)


def extent(codes: Iterable[str]) -> str:
    """Return the lowest division that holds all codes, "" when they lie in several provinces (or there are none)."""
    found: str | None = None
    for code in codes:
        found = code if found is None else common(found, code)
    return found or ""


def common(one: str, two: str) -> str:
    """Return the lowest division that holds both codes (either may be it), "" when there is none."""
    while not two.startswith(one):
        one = parent_of(one) if one else ""
    return one


def levels_of(codes: Iterable[str]) -> frozenset[int]:
    """Return the levels a list speaks of."""
    return frozenset(level_of(code) for code in codes) or frozenset({PROVINCE})
