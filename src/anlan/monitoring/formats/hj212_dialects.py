"""HJ 212 dialects as data and small functions: 2005, 2017, and 2025 whose text was not seen.

Known by the version bits of Flag (bits 7–2): 0 is HJ/T 212-2005, 1 is HJ 212-2017. What 2025 (in force since
2026-01-01) writes there is not known: a connection names it, and then 2017's rules are used without claiming to conform.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.code_table import Meaning, Table

GOOD, DEVICE = 0, 9  # codes of monitoring.choices.Quality, known here without Django
MOST_DATA = 9999

# Flags (数据标记): what the device says of a value. N good; T is over a limit: real, and just what is wanted.
FLAGS_2017 = {
    "N": GOOD, "T": GOOD, "P": DEVICE, "F": DEVICE, "M": DEVICE, "C": DEVICE, "D": DEVICE, "S": DEVICE, "B": DEVICE,
}  # fmt: skip
# 2005 wrote digits for water (0 calibration, 1 settings, 2 normal, 3 over, 4 fault ...) and P D C T N for gas.
FLAGS_2005 = {**FLAGS_2017, "2": GOOD, "3": GOOD, "0": DEVICE, "1": DEVICE, "4": DEVICE, "5": DEVICE}
# Values that stand at a moment, and how a series of them is called by us.
STATISTICS = {
    "Rtd": "", "Avg": "_avg", "Min": "_min", "Max": "_max", "Cou": "_cou",
    "ZsRtd": "_zs", "ZsAvg": "_zs_avg", "ZsMin": "_zs_min", "ZsMax": "_zs_max",
}  # fmt: skip
WORDS = {
    "Rtd": ("", ""), "Avg": ("均值", "mean"), "Min": ("最小值", "least"), "Max": ("最大值", "most"), "Cou": ("累计", "total"),
    "ZsRtd": ("折算", "converted"), "ZsAvg": ("折算均值", "converted mean"), "ZsMin": ("折算最小值", "converted least"),
    "ZsMax": ("折算最大值", "converted most"),
}  # fmt: skip


class Dialect(NamedTuple):
    """One edition: `version` in Flag, flags to our quality, whether its text was seen, meanings before the table."""

    name: str
    version: int | None
    flags: Mapping[str, int]
    conforms: bool = True
    factors: Mapping[str, Meaning] = {}

    def quality(self, flag: str) -> int:
        """Return our quality for a device's flag; one we don't know is taken as a device's complaint."""
        return GOOD if not flag else self.flags.get(flag.upper(), DEVICE)


DIALECTS = {
    "2005": Dialect("2005", 0, FLAGS_2005),
    "2017": Dialect("2017", 1, FLAGS_2017),
    "2025": Dialect("2025", None, FLAGS_2017, conforms=False),
}


def dialect_for(version: int) -> Dialect:
    """Return the dialect a Flag's version bits name; an unknown one reads as 2025, which claims nothing."""
    return next((dialect for dialect in DIALECTS.values() if dialect.version == version), DIALECTS["2025"])


def conformance(name: str) -> None:
    """Refuse to claim conformance where the standard's text was not seen. Raises Invalid."""
    dialect = DIALECTS.get(name)
    if dialect is None or not dialect.conforms:
        known = "、".join(each.name for each in DIALECTS.values() if each.conforms)
        raise Invalid(
            code="monitoring.hj212_conformance", field="dialect", value=name,
            zh=f"未见到 HJ 212-{name} 原文，不能声明符合；目前按 2017 规则解析，可声明的有 {known}。",
            en=f"The text of HJ 212-{name} was not seen, so no conformance is claimed; it is read by 2017's rules. "
               f"Conformance can be claimed for {known}.",
        )  # fmt: skip


def dialect_of(data: Mapping[str, Any]) -> Dialect:
    """Return a dialect written as data: {base: "2017", flags: {"X": 9}}. Raises Invalid for an unknown base."""
    base = DIALECTS.get(str(data.get("base", "2017")))
    if base is None:
        raise Invalid(code="monitoring.dialect", field="base", value=data.get("base"),
                      zh=f"HJ 212 方言 base 只能是 {'、'.join(DIALECTS)}。",
                      en=f"HJ 212 dialect, base: must be of {', '.join(DIALECTS)}.")  # fmt: skip
    flags = {str(flag).upper(): int(quality) for flag, quality in dict(data.get("flags", {})).items()}
    return base._replace(flags={**base.flags, **flags})


def meaning_of(code: str, table: Table, dialect: Dialect) -> Meaning | None:
    """Return what a factor code means, by 2017's or by 2005's code, case-blind."""
    return dialect.factors.get(code) or table.get(code) or table.get(code.lower()) or _older(table).get(code.upper())


_older_of: dict[int, tuple[Table, dict[str, Meaning]]] = {}


def _older(table: Table) -> dict[str, Meaning]:
    """The table by 2005's codes; kept for the few tables there are."""
    found = _older_of.get(id(table))
    if found is None or found[0] is not table:
        if len(_older_of) > 8:
            _older_of.clear()
        found = _older_of[id(table)] = (table, {m.was.upper(): m for m in table.values() if m.was})
    return found[1]
