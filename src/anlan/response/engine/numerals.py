"""Figures as people write them: every digit told, no powers of ten (4090000, not 4.09e+06)."""

from __future__ import annotations

import math


def plain(value: float) -> str:
    """Return a figure in full digits, with up to six places where it is no whole number.

    >>> plain(1234567.0), plain(0.5), plain(12.345678)
    ('1234567', '0.5', '12.345678')
    """
    if not math.isfinite(value):
        return str(value)
    return f"{value:.0f}" if value == int(value) else f"{value:.6f}".rstrip("0").rstrip(".")


def grouped(value: float) -> str:
    """Return a figure in full digits, by threes, as English writes it.

    >>> grouped(50000.0), grouped(1234.5), grouped(999)
    ('50,000', '1,234.5', '999')
    """
    whole, point, rest = plain(value).partition(".")
    return (f"{int(whole):,}" if whole.lstrip("-").isdigit() else whole) + point + rest


def signed(value: float) -> str:
    """Return a difference in full digits, with its sign.

    >>> signed(1500000), signed(-2.5), signed(0)
    ('+1500000', '-2.5', '+0')
    """
    return f"{'+' if value >= 0 else ''}{plain(value)}"
