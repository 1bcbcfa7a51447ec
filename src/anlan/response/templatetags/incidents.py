"""Template words of incidents: `{% load incidents %}`."""

from __future__ import annotations

from django import template

from anlan.kernel.language import say
from anlan.response.choices_incidents import source_words
from anlan.response.engine.event_types import EventType

register = template.Library()


@register.filter
def say_type(one: EventType) -> str:
    """A class of events in the reader's language."""
    return say({"zh": one.zh, "en": one.en})


@register.filter
def source(words: str) -> str:
    """Where an incident is known from, in the reader's language."""
    return say(source_words(words))
