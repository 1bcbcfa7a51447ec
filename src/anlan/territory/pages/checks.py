"""Words for what the checks of the registers find, and for the gaps in the net of duty."""

from __future__ import annotations

from anlan.kernel.language import say
from anlan.territory import choices
from anlan.territory.choices_care import CHECKS, GAP_KINDS


def check_word(code: str) -> str:
    """Return the words for a check's code."""
    return say(choices.name(CHECKS, code))


def gap_word(code: str) -> str:
    """Return the words for a kind of gap."""
    return say(choices.name(GAP_KINDS, code))
