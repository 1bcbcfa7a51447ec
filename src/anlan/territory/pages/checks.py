"""Words for what the checks of the registers find."""

from __future__ import annotations

from anlan.territory import choices, choices_care
from anlan.territory.pages.cells import say


def check_word(code: str) -> str:
    """Return the words for a check's code; the code itself where it has none."""
    return say(choices.name(choices_care.CHECKS, code))
