"""Template words of the pages of warnings received. `{% load received %}`."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from anlan.kernel.language import say
from anlan.warning import choices
from anlan.warning.choices_received import CAP_WORDS

register = template.Library()

_TONES: Final = {
    "in_force": "attention", "held": "overdue", "conflict": "overdue", "unreadable": "overdue", "waiting": "attention",
    "acting": "ok",
}  # fmt: skip
_SEVERITIES: Final = {
    "error": {"zh": "错误", "en": "Error"}, "warning": {"zh": "提醒", "en": "Warning"}, "info": {"zh": "说明", "en": "Note"},
}  # fmt: skip


@register.filter
def alert_state(code: str) -> SafeString:
    """How a message stands: dot and word."""
    word = say(choices.name(choices.ALERT_STATES, code))
    return format_html('<span class="status s-{}">{}</span>', _TONES.get(code, "plain"), word)


@register.filter
def cap_word(code: str) -> str:
    """The words for an enumerated value of CAP; a value that is none of the standard's is shown as it came."""
    return say(choices.name(CAP_WORDS, code)) if code in CAP_WORDS else code


@register.filter
def verdict_word(code: str) -> str:
    """The words for what was made of a file."""
    return say(choices.name(choices.VERDICTS, code))


@register.filter
def severity_word(code: str) -> str:
    """The words for how bad a finding is."""
    return say(_SEVERITIES.get(code, {"zh": code, "en": code}))


@register.filter
def signature_word(code: str) -> str:
    """The words for what checking a signature said."""
    return say(choices.name(choices.SIGNATURES, code))


@register.filter
def yuan(fen: float) -> str:
    """Money in yuan, from fen."""
    return f"¥{fen / 100:,.2f}"
