"""Names of divisions as lists write them, and as they are called: 东安社区居委会 is 东安社区, 吴店村民委员会 is 吴店村."""

from __future__ import annotations

import re

# Lists name the committee; a few leave a character out (村民委会) or say 管理委员会.
COMMITTEE = re.compile(r"拟?((?:居民|村民)*(?:居|村)?)(?:管理)?(?:委员?[会民]*|民委会)(?:（.*）)?$")
ENDINGS = {
    "province": ("省", "自治区", "市", "特别行政区"),
    "prefecture": ("自治州", "地区", "盟", "市"),
    "district": ("区",),
    "county_city": ("市",),
    "county": ("自治县", "自治旗", "县", "旗"),
    "subdistrict": ("街道办事处", "街道", "地区"),
    "town": ("镇",),
    "township": ("民族乡", "乡", "苏木"),
}  # fmt: skip
ENGLISH = {
    "province": "Province", "prefecture": "City", "district": "District", "county_city": "City", "county": "County",
    "subdistrict": "Subdistrict", "town": "Town", "township": "Township", "community": "Community", "village": "Village",
}  # fmt: skip


def village_name(listed: str) -> tuple[str, str]:
    """Return the name of a village or community and its kind ("village", "community")."""
    found = COMMITTEE.search(listed)
    if found is None:
        return listed, "community" if listed.endswith("社区") else "village"
    stem = listed[: found.start()]
    if stem.endswith("社区") or "居" in found.group(1):
        return (stem.removesuffix("社区") or stem) + "社区", "community"
    return (stem.removesuffix("村") or stem) + "村", "village"


def stem_of(name: str, kind: str) -> str:
    """Return a division's name without the word for its kind: 牡丹区 → 牡丹; a name of one character keeps it (单县)."""
    for ending in ENDINGS.get(kind, ()):
        if name.endswith(ending) and len(name) - len(ending) > 1:
            return name.removesuffix(ending)
    return name


def brief(name: str, most: int = 12) -> str:
    """Return a name that fits into others: cut to `most` characters, for some names have sixty and more."""
    return name if len(name) <= most else name[:most]
