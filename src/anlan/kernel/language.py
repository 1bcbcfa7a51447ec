"""The reader's language: Chinese unless another was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language


def chinese() -> bool:
    """True when the page, or the answer, speaks Chinese."""
    return (get_language() or "zh").startswith("zh")


def say(value: Any) -> str:
    """`{"zh", "en"}` in the reader's language; other values as they are, None as nothing."""
    if isinstance(value, Mapping):
        first, second = ("zh", "en") if chinese() else ("en", "zh")
        return str(value.get(first) or value.get(second) or "")
    return "" if value is None else str(value)
