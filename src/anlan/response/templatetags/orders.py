"""Template words of orders and tasks: `{% load orders %}`."""

from __future__ import annotations

from django import template

from anlan.kernel.language import say
from anlan.response.choices_orders import counted_words

register = template.Library()


@register.filter
def counted(unit: object) -> str:
    """What a number is counted in, in the reader's language."""
    return say(counted_words(str(unit or "")))
