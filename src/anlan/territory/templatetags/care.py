"""Template words of the pages of care. `{% load care %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from anlan.territory.pages import checks

register = template.Library()


@register.filter
def total(counts: Mapping[str, int] | None) -> int:
    """The sum of counts by kind."""
    return sum((counts or {}).values())


@register.filter
def check_word(code: str) -> str:
    """The words for a check."""
    return checks.check_word(code)
