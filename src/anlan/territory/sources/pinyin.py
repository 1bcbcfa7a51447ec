"""Reads the table of pinyin that comes with the platform."""

from __future__ import annotations

from functools import cache
from importlib import resources

from anlan.territory.engine.pinyin import Pinyin, pinyin_read


@cache
def pinyin() -> Pinyin:
    """Return the readings of single characters."""
    return pinyin_read((resources.files("anlan.territory") / "data" / "pinyin.tsv").read_text(encoding="utf-8"))
