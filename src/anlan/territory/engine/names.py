"""Names of divisions as lists write them, and as they are called: 东安社区居委会 is 东安社区, 吴店村民委员会 is 吴店村."""

from __future__ import annotations

import re

# Lists name the committee; a few leave a character out (村民委会) or say 管理委员会.
COMMITTEE = re.compile(r"拟?((?:居民|村民)*(?:居|村)?)(?:管理)?(?:委员?[会民]*|民委会)(?:（.*）)?$")
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


def brief(name: str, most: int = 12) -> str:
    """Return a name that fits into others: cut to `most` characters, for some names have sixty and more."""
    return name if len(name) <= most else name[:most]
