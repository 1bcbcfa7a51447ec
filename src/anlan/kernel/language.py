"""The reader's language: Chinese unless another was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def chinese() -> bool:
    """True when the page, or the answer, speaks Chinese."""
    return (get_language() or "zh").startswith("zh")


def say(value: Any) -> str:
    """`{"zh", "en"}` in the reader's language; other values as they are, None as nothing."""
    if isinstance(value, Mapping):
        first, second = ("zh", "en") if chinese() else ("en", "zh")
        return str(value.get(first) or value.get(second) or "")
    return "" if value is None else str(value)


def span(seconds: Any) -> str:
    """A duration in two units: 18 h 31 min, 4 min 05 s."""
    if seconds is None:
        return "–"
    total = int(seconds)
    if total >= 3600:
        return _("%(h)d h %(m)02d min") % {"h": total // 3600, "m": total % 3600 // 60}
    if total >= 600:
        return _("%(m)d min") % {"m": total // 60}
    return _("%(m)d min %(s)02d s") % {"m": total // 60, "s": total % 60}
