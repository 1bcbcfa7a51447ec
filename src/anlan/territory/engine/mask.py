"""Masking of personal data for faces (law 9)."""

from __future__ import annotations

HEAD, TAIL = 3, 4


def mask_phone(phone: str) -> str:
    """Return 138****1234 for a telephone number; a short one is hidden whole."""
    if len(phone) <= HEAD + TAIL:
        return "*" * len(phone)
    return phone[:HEAD] + "****" + phone[-TAIL:]


def mask_name(name: str) -> str:
    """Return 张* for a person's name: the first character alone is shown. "" stays ""."""
    return name[:1] + "*" if name else ""


def watermark(reader: str, moment: str, purpose: str) -> str:
    """Return the line an export carries on every sheet and page: who took it, when, and for what.

    >>> watermark("巩义值班员", "2021-07-20 16:30", "防汛值守")
    '巩义值班员 · 2021-07-20 16:30 · 防汛值守 · 内部资料 请勿外传'
    """
    return " · ".join(part for part in (reader, moment, purpose, "内部资料 请勿外传") if part)
