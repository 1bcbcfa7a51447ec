"""The same thing said in both languages."""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same thing said in both languages."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return {"zh", "en"}, as JSON columns and pages want it."""
        return {"zh": self.zh, "en": self.en}
