"""Division codes: the platform's prefix form, the official 6/9/12-digit forms, and what a code tells by itself.

GB/T 2260 gives 6 digits to province, prefecture and county; the statistical code (统计用区划代码) is 12: province 2,
prefecture 2, county 2, township 3, village 3. The platform keeps the *prefix form*, the shortest string that still
names the division: "41", "4101", "410181", "410181100", "410181100201". Containment is `startswith`.
"""

from __future__ import annotations

from anlan.kernel.problem import Invalid

PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4, 5
LENGTHS = {PROVINCE: 2, PREFECTURE: 4, COUNTY: 6, TOWNSHIP: 9, VILLAGE: 12}
LEVELS = {length: level for level, length in LENGTHS.items()}
# County parts 71-79 are statistical zones (development zones), not divisions of GB/T 2260.
ZONE_FIRST, ZONE_LAST = 71, 79


def level_of(code: str) -> int:
    """Return 1 province, 2 prefecture, 3 county, 4 township, 5 village; Invalid when `code` is no prefix form."""
    level = LEVELS.get(len(code))
    if level is None or not (code.isascii() and code.isdigit()):
        raise _bad(code)
    return level


def parent_of(code: str) -> str:
    """Return the code one level up in the statistical tree; "" for a province."""
    level = level_of(code)
    return code[: LENGTHS[level - 1]] if level > PROVINCE else ""


def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes above `code`, province first, `code` itself not included."""
    level = level_of(code)
    return tuple(code[: LENGTHS[up]] for up in range(PROVINCE, level))


def is_zone(code: str) -> bool:
    """Is `code` a statistical zone (功能区, county part 71-79), or inside one?"""
    return level_of(code) >= COUNTY and ZONE_FIRST <= int(code[4:6]) <= ZONE_LAST


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

    An all-zero part means "this level and all below are not named": 410100 is the prefecture 4101. A named part
    after an unnamed one (410000101) is no code.
    """
    if len(code) not in (6, 9, 12) or not (code.isascii() and code.isdigit()) or code[:2] == "00":
        raise _bad(code)
    full = code.ljust(12, "0")
    found = full[:2]
    for level in (PREFECTURE, COUNTY, TOWNSHIP, VILLAGE):
        part = full[LENGTHS[level - 1] : LENGTHS[level]]
        if int(part) == 0:
            if int(full[LENGTHS[level - 1] :]) != 0:
                raise _bad(code)
            return found
        found += part
    return found


def _bad(code: str) -> Invalid:
    return Invalid(
        code="territory.bad_code",
        zh=f"“{code}”不是行政区划代码；应为2、4、6、9或12位数字，或官方的6、9、12位代码。",
        en=f"“{code}” is not a division code; give 2, 4, 6, 9 or 12 digits, or an official code of 6, 9 or 12.",
        field="division",
        value=code,
    )
