"""What one kind of fault is."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong and what to do, in both languages. Not fatal: the row goes in all the same."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str
    fatal: bool = True
