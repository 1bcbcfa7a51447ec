"""Division codes: the platform's prefix form, the official 6/9/12-digit forms, and what a code tells by itself.

GB/T 2260 gives 6 digits to province, prefecture and county; the statistical code (统计用区划代码) is 12: province 2,
prefecture 2, county 2, township 3, village 3. The platform keeps the *prefix form*, the shortest string that still
names the division: "41", "4101", "410181", "410181100", "410181100201". Containment is `startswith`.

Irregular branches keep the same widths. A prefecture without counties (不设区的地级市) has its townships right below it:
their county part is "00" ("441900003"), and no county "441900" exists. Counties directly under the province
(省直辖县级) hang under a placeholder prefecture "90", municipalities' districts under "01" and "02". Statistical zones
(功能区) have a county part of 71 to 79; the legal division they lie in is not in the code and must be told.
"""

from __future__ import annotations

from anlan.kernel.problem import Invalid

PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4, 5
LENGTHS = {PROVINCE: 2, PREFECTURE: 4, COUNTY: 6, TOWNSHIP: 9, VILLAGE: 12}
LEVELS = {length: level for level, length in LENGTHS.items()}
NO_COUNTY = "00"
# County parts 71-79 are statistical zones (development zones), not divisions of GB/T 2260.
ZONE_FIRST, ZONE_LAST = 71, 79
MUNICIPALITIES = ("11", "12", "31", "50")  # Beijing, Tianjin, Shanghai, Chongqing
PLACEHOLDER_NAMES = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")


def level_of(code: str) -> int:
    """Return 1 province, 2 prefecture, 3 county, 4 township, 5 village; Invalid when `code` is no prefix form.

    Every part must be named, save that a township right below a prefecture has the county part "00".
    """
    level = LEVELS.get(len(code))
    if level is None or not (code.isascii() and code.isdigit()):
        raise _bad(code)
    for part in range(PROVINCE, level + 1):
        named = int(code[LENGTHS.get(part - 1, 0) : LENGTHS[part]]) != 0
        if not named and (part != COUNTY or level == COUNTY):
            raise _bad(code)
    return level


def parent_of(code: str) -> str:
    """Return the code one level up in the statistical tree; "" for a province.

    A township of a prefecture without counties answers with the prefecture: 441900003 → 4419.
    """
    level = level_of(code)
    if level == PROVINCE:
        return ""
    up = code[: LENGTHS[level - 1]]
    return up[: LENGTHS[PREFECTURE]] if level == TOWNSHIP and up.endswith(NO_COUNTY) else up


def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes above `code`, province first, `code` itself not included."""
    above = parent_of(code)
    return (*ancestors(above), above) if above else ()


def without_county(code: str) -> bool:
    """Is `code` a township, or inside one, that hangs right below a prefecture?"""
    return level_of(code) > COUNTY and code[4:6] == NO_COUNTY


def is_zone(code: str) -> bool:
    """Is `code` a statistical zone (功能区, county part 71-79), or inside one?"""
    return level_of(code) >= COUNTY and ZONE_FIRST <= int(code[4:6]) <= ZONE_LAST


def is_placeholder(code: str, name: str = "") -> bool:
    """Is `code` a rung of the statistical ladder that is no division (省直辖县级行政区划, 市辖区)? Such a rung has no
    government: what hangs under it belongs by law to the division above."""
    level = level_of(code)
    if level == PREFECTURE:
        return code[2:4] == "90" or (code[:2] in MUNICIPALITIES and code[2:4] in ("01", "02"))
    return level == COUNTY and name.strip() in PLACEHOLDER_NAMES


def legal_parent_of(code: str) -> str:
    """Return the division `code` belongs to by law, as far as the code tells: 419001 → 41, 110105 → 11.

    Of a statistical zone the code tells only the statistical parent; a list that knows better says so.
    """
    above = parent_of(code)
    return parent_of(above) if above and is_placeholder(above) else above


def kind_of(code: str, name: str = "") -> str:
    """Return the kind (`choices.DIVISION_KINDS`) that code and name tell.

    Bands of GB/T 2260 and of the statistical code: county part 01-20 districts, 21-70 counties, 71-79 zones, 81-99
    county-level cities; township part 001-099 subdistricts, 100-199 towns, 200-399 townships, 400 and up quasi.
    """
    level = level_of(code)
    if is_placeholder(code, name):
        return "placeholder"
    if level <= PREFECTURE:
        return "province" if level == PROVINCE else "prefecture"
    if level == VILLAGE:
        return "community" if name.endswith(("社区", "居委会", "居民委员会")) else "village"
    part = int(code[LENGTHS[level - 1] :])
    if level == TOWNSHIP:
        return _band(part, ((99, "subdistrict"), (199, "town"), (399, "township"), (999, "quasi")))
    if code[2:4] == "90":  # no districts directly under a province: 419001 is a city, 469021 a county
        return "county_city" if part <= 20 else "county"
    return _band(part, ((20, "district"), (70, "county"), (79, "functional_zone"), (99, "county_city")))


def to6(code: str) -> str:
    """Return the 6-digit GB/T 2260 code of a province, prefecture or county; of anything lower, its county's."""
    level_of(code)
    return code[:6].ljust(6, "0")


def to9(code: str) -> str:
    """Return the 9-digit code of a township or anything above it; of a village, its township's."""
    level_of(code)
    return code[:9].ljust(9, "0")


def to12(code: str) -> str:
    """Return the 12-digit statistical code."""
    level_of(code)
    return code.ljust(12, "0")


def from_official(code: str) -> str:
    """Return the prefix form of an official code of 6, 9 or 12 digits. Invalid when it is none.

    An all-zero part means "this level and all below are not named": 410100 is the prefecture 4101. The one gap allowed
    is the county's, where a named township follows: 441900003000 is 441900003. Any other named part after an unnamed
    one (410000101) is no code.
    """
    if len(code) not in (6, 9, 12) or not (code.isascii() and code.isdigit()):
        raise _bad(code)
    full = code.ljust(12, "0")
    named = [level for level in LENGTHS if int(full[LENGTHS.get(level - 1, 0) : LENGTHS[level]])]
    try:
        prefix = full[: LENGTHS[named[-1]]]
        level_of(prefix)
    except (IndexError, Invalid):
        raise _bad(code) from None
    return prefix


def any_form(code: str) -> str:
    """Return the prefix form of a code written in any form a list may use, prefix or official, spaces round it or not.

    Six digits ending in "00" are read as official (410100 → 4101), for no division has them as its prefix form.
    """
    text = code.strip()
    if len(text) in (6, 9, 12):
        return from_official(text)
    level_of(text)
    return text


def _band(part: int, bands: tuple[tuple[int, str], ...]) -> str:
    return next(kind for most, kind in bands if part <= most)


def _bad(code: str) -> Invalid:
    return Invalid(
        code="territory.bad_code",
        zh=f"“{code}”不是行政区划代码；应为2、4、6、9或12位数字，或官方的6、9、12位代码。",
        en=f"“{code}” is not a division code; give 2, 4, 6, 9 or 12 digits, or an official code of 6, 9 or 12.",
        field="division",
        value=code,
    )
