"""Classes of events (事件分类): one coded list for reporting and exchange, and what the disaster statistics count each as."""

from __future__ import annotations

from datetime import date

import msgspec

from anlan.response.engine.plan import Words


class EventType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One class: its code (GB/T 35561 form), names, and the statistic type it is counted under ("" none).
    `local`: an item of this platform's own, told to others as the class above it."""

    code: str
    zh: str
    en: str
    statistic: str = ""
    local: bool = False


class Statistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A type of the disaster statistics (灾种)."""

    code: str
    zh: str
    en: str


class EventTypes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code table with its source; `kinds` maps the platform's short words to classes ("" none)."""

    version: str
    source: Words
    mark: str
    valid_from: date
    types: tuple[EventType, ...]
    statistics: tuple[Statistic, ...]
    kinds: dict[str, str]

    def find(self, code: str) -> EventType | None:
        """Return the class of a code; None when the table has none."""
        return next((one for one in self.types if one.code == code), None)

    def statistic(self, code: str) -> Statistic | None:
        """Return the statistic type a class is counted under; None when it is under none."""
        found = self.find(code)
        return next((one for one in self.statistics if found and one.code == found.statistic), None)

    def parent(self, code: str) -> str:
        """Return the class above: "11A06" → "11A00" → "11000" → ""."""
        for start in (code[:3] + "00", code[:2] + "000"):
            if start != code and self.find(start) is not None and len(start.rstrip("0")) < len(code.rstrip("0")):
                return start
        return ""

    def outward(self, code: str) -> str:
        """Return the class as others know it: a local item's parent, else the code itself."""
        found = self.find(code)
        return self.parent(code) if found is not None and found.local else code

    def kind_of(self, code: str) -> str:
        """Return the platform's short word that means just this class, "other" when none or several do."""
        found = [kind for kind, mapped in self.kinds.items() if mapped and mapped == code]
        return found[0] if len(found) == 1 else "other"

    def search(self, words: str) -> list[EventType]:
        """Return the classes whose code begins with, or whose name holds, `words`; the table's order. "" finds all."""
        asked = words.strip().lower()
        return [
            one
            for one in self.types
            if one.code.lower().startswith(asked) or asked in one.zh or asked in one.en.lower()
        ]


def kinship(one: str, other: str) -> float:
    """Return how near two classes stand, 0 to 1: the same, one sub-class (both 11A), both disasters or both accidents;
    an unknown one stands in between.

    >>> kinship("11A06", "11A02"), kinship("12F00", "12G00"), kinship("11A06", "12D00")
    (0.7, 0.3, 0.1)
    """
    if not one or not other:
        return 0.3
    if one == other:
        return 1.0
    if one[:3] == other[:3]:
        return 0.7
    return 0.3 if one[:2] == other[:2] else 0.1
