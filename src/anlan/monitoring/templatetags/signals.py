"""Template words of the signal board and the rules. `{% load signals %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from anlan.monitoring.pages import signal_words as words

register = template.Library()


@register.filter
def signal_state(state: str) -> SafeString:
    """What a signal is at now: dot and word."""
    tone, text = words.STATES.get(state, ("plain", state))
    return format_html('<span class="status s-{}">{}</span>', tone, text)


@register.filter
def hazard_word(code: str) -> str:
    """The name of a hazard."""
    return words.hazard(code)


@register.filter
def held_word(muted: str) -> str:
    """Why a signal is held back."""
    return words.why_held(muted)


@register.filter
def window_word(hours: float) -> str:
    """The window of a figure."""
    return words.window(hours)


@register.filter
def short(value: Any) -> str:
    """A figure as short as it can be told."""
    return words.number(value)


@register.simple_tag
def measured(value: float | None, unit: str, hours: float = 0) -> SafeString | str:
    """A figure with its unit and window: 73.9 mm/3 h. Seconds are told as a span of time."""
    if value is None:
        return "–"
    if unit == "s":
        return format_html("<b>{}</b>", words.lasting(value))
    window = f"/{words.window(hours)}" if hours else ""
    return format_html('<b>{}</b> <span class="unit">{}{}</span>', words.number(value), unit, window)


@register.filter
def trial_state(state: str) -> SafeString:
    """How far a trial is: dot and word."""
    tone, text = words.TRIALS.get(state, ("plain", state))
    return format_html('<span class="status s-{}">{}</span>', tone, text)


@register.filter
def event_word(event: str) -> str:
    """What happened at a step."""
    return str(words.EVENTS.get(event, event))
