"""Template words of the reporting pages: countdowns, figures, looking a figure up. `{% load reports %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from anlan.kernel.language import say
from anlan.response.engine.indicators import neat
from anlan.response.formats.report_packs import indicators

register = template.Library()
SOON_S = 900


@register.filter
def at(held: Mapping[str, Any] | None, key: str) -> Any:
    """The value under a key; None where there is none."""
    return (held or {}).get(key)


@register.filter
def fig(value: Any) -> str:
    """A figure in groups of three, without needless decimals: 12,907,400; 1.25."""
    if value is None or value == "":
        return "–"
    number = neat(float(value))
    return f"{number:,}" if isinstance(number, int) else f"{number:,.4f}".rstrip("0").rstrip(".")


@register.filter
def plain(value: Any) -> str:
    """A figure as an input field takes it."""
    return "" if value is None or value == "" else str(neat(float(value)))


@register.filter
def signed(value: Any) -> str:
    """A difference with its sign: +3, −4."""
    number = neat(float(value))
    return f"+{fig(number)}" if number > 0 else f"−{fig(-number)}"


@register.filter
def indicator(code: str) -> str:
    """The name of a figure in the reader's language."""
    one = indicators().by_code.get(code)
    return say(one.name.as_dict()) if one else code


@register.simple_tag
def countdown(due: Any, left_s: int | None) -> SafeString | str:
    """How long until something is due, kept running by the page (`data-due`); over: by how long."""
    if due is None or left_s is None:
        return "–"
    tone = "overdue" if left_s < 0 else "attention" if left_s < SOON_S else "plain"
    words = _("over by %s") % _long(-left_s) if left_s < 0 else _("%s left") % _long(left_s)
    return format_html('<time class="countdown s-{}" datetime="{}" data-due="{}">{}</time>', tone, due, due, words)


def _long(seconds: int) -> str:
    """A duration; from three days on in days, as nobody counts an investigation in hours."""
    if seconds >= 3 * 86400:
        return _("%(d)d days") % {"d": seconds // 86400}
    if seconds >= 3600:
        return _("%(h)d h %(m)02d min") % {"h": seconds // 3600, "m": seconds % 3600 // 60}
    if seconds >= 600:
        return _("%(m)d min") % {"m": seconds // 60}
    return _("%(m)d min %(s)02d s") % {"m": seconds // 60, "s": seconds % 60}


@register.filter
def choice(value: Any) -> str:
    """The words of a choice, an item or a finding (`zh`, `en`) in the reader's language."""
    if isinstance(value, Mapping):
        return say(value)
    return say({"zh": value.zh, "en": value.en}) if value is not None else ""
