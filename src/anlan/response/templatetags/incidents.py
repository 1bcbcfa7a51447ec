"""Template words of incidents: `{% load incidents %}`."""

from __future__ import annotations

from django import template

from anlan.kernel.language import say
from anlan.response.engine.event_types import EventType

register = template.Library()


@register.filter
def say_type(one: EventType) -> str:
    """A class of events in the reader's language."""
    return say({"zh": one.zh, "en": one.en})
