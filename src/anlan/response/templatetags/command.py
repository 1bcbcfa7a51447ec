"""Names of the codes of on-site command, for its templates."""

from __future__ import annotations

from typing import Any

from django import template

from anlan.kernel.language import say
from anlan.response import choices, choices_command

register = template.Library()


@register.filter
def named(code: str, table: str) -> str:
    """The name of a code in the reader's language: `{{ entry.kind|named:"LOG_KINDS" }}`."""
    return say(choices.name(getattr(choices_command, table), str(code)))


@register.filter
def task_state(code: str) -> str:
    """The name of a task's state."""
    return say(choices.name(choices.TASK_STATES, code))


@register.filter
def own(value: Any, name: str) -> str:
    """A row's words in the reader's language: `{{ post|own:"name" }}` reads name_zh or name_en; "" reads zh or en."""
    get = value.get if isinstance(value, dict) else lambda key: getattr(value, key, "")
    stem = f"{name}_" if name else ""
    return say({"zh": str(get(f"{stem}zh") or ""), "en": str(get(f"{stem}en") or "")})


@register.filter
def told(entry: Any) -> str:
    """An entry's words; of those the platform wrote itself, in both languages with a dot between, the reader's own half."""
    get = entry.get if isinstance(entry, dict) else lambda key: getattr(entry, key, "")
    parts = str(get("text")).split(" · ")
    if get("channel") != "system" or len(parts) % 2:
        return str(get("text"))
    half = len(parts) // 2
    return say({"zh": " · ".join(parts[:half]), "en": " · ".join(parts[half:])})
