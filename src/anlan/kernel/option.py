"""What one option is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One option: its type is the default's type; `help_en` and `help_zh` are its documentation."""

    name: str
    default: str | int | bool
    help_en: str
    help_zh: str
    secret: bool = False

    @property
    def env(self) -> str:
        """Name of the environment variable."""
        return "ANLAN_" + self.name.upper()
