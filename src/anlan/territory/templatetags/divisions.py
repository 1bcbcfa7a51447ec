"""Template words of the division pages: kinds of change, evidence in plain words, figures of a coverage finding."""

from __future__ import annotations

from typing import Any

from django import template

from anlan.territory.pages import division_words as words

register = template.Library()


@register.filter
def change_word(kind: str) -> str:
    """The word for a kind of change."""
    return str(words.KINDS.get(kind, kind))


@register.filter
def evidence(row: Any) -> list[str]:
    """Why a change is proposed, in plain words, the strongest reason first."""
    return words.reasons(row.kind, row.level, row.evidence)


@register.filter
def finding_word(kind: str) -> str:
    """The word for a kind of coverage finding."""
    return str(words.FINDINGS.get(kind, (kind, ""))[0])


@register.filter
def finding_remedy(kind: str) -> str:
    """What to do about a kind of coverage finding."""
    return str(words.FINDINGS.get(kind, ("", kind))[1])


@register.filter
def register_rows(counts: dict[str, int]) -> str:
    """`{"units": 3}` as words: 3 units."""
    return words.rows_said(counts)


@register.filter
def percent(share: Any) -> int:
    """A share of one as a whole percentage."""
    return round(100 * float(share or 0))
