"""Industries after GB/T 4754—2017 (国民经济行业分类): section letter, division of 2 digits, group of 3, class of 4.

A code is stored with its letter: "C", "C26", "C261", "C2614". Files bring it with or without the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anlan.territory.engine.cells import Parsed

_FORM = re.compile(r"([A-Z]?)(\d{0,4})")


@dataclass(frozen=True)
class Industry:
    """One entry of the list: stored code, Chinese and English name ("" where the source has none)."""

    code: str
    zh: str
    en: str


class Industries:
    """The tree. Groups and classes that the list does not name are taken as well-formed under their division."""

    def __init__(self, entries: Iterable[Industry]) -> None:
        self.by_code = {entry.code: entry for entry in entries}
        self.sections: Mapping[str, str] = {code[1:]: code[0] for code in self.by_code if len(code) == 3}
        self.by_name = {entry.zh: code for code, entry in self.by_code.items()}

    def parse(self, text: str) -> Parsed:
        """Return the stored code of "C2614", "2614", "c26" or a name of the list, else a fault."""
        named = self.by_name.get(text)
        if named:
            return Parsed(named)
        found = _FORM.fullmatch(text.strip().upper().removesuffix(".0"))
        if not found or len(found[2]) == 1 or not (found[1] or found[2]):
            return Parsed(None, "industry.form")
        letter, digits = found.groups()
        if not digits:
            return Parsed(letter) if letter in self.by_code else Parsed(None, "industry.unknown")
        section = self.sections.get(digits[:2])
        if section is None:
            return Parsed(None, "industry.unknown")
        if letter and letter != section:
            return Parsed(None, "industry.section", {"section": section, "mended": section + digits})
        return Parsed(section + digits)

    def name(self, code: str) -> dict[str, str]:
        """Return {"zh", "en"} of a code: its own entry, or that of the nearest one above it."""
        for length in range(len(code), 0, -1):
            entry = self.by_code.get(code[:length])
            if entry:
                return {"zh": entry.zh, "en": entry.en or entry.zh}
        return {"zh": code, "en": code}
