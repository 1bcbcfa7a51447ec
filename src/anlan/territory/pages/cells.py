"""How a value of a register is shown: words for codes, names for references, tones for dates that run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.kernel.language import chinese, say
from anlan.territory import choices
from anlan.territory.engine.register import Field

SOON_DAYS = 120
ENDS = {"expires_on", "insured_to"}
NUMBERS = {"int", "float", "lon", "lat"}


class Cell(NamedTuple):
    """One cell: its text, CSS class, its label where a card needs one, the tags of a list of flags, more words."""

    text: str
    css: str = ""
    label: str = ""
    tags: tuple[str, ...] = ()
    title: str = ""


def table_of(item: Field) -> dict[str, choices.Choice]:
    """Return the choices of a field, empty when it has none."""
    return getattr(choices, item.choices, {}) if item.choices else {}


def word(item: Field, code: Any) -> str:
    """Return the word for a code of a field."""
    return "" if code in (None, "") else say(choices.name(table_of(item), str(code)))


def day(value: Any) -> str:
    """Return a date as 2026-11-22."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d")
    return value.isoformat() if isinstance(value, date) else str(value or "")


def cell(item: Field, row: Mapping[str, Any], today: date) -> Cell:
    """Return what one row shows of one field. `row` is as the finder gives it."""
    value = row.get(item.name)
    label = item.heading(chinese())
    if item.kind == "flags":
        return Cell("", "flags", "", tuple(word(item, code) for code in value or ()))
    if value in (None, ""):
        return Cell("–", "none num" if item.kind in NUMBERS else "none", label if item.kind in NUMBERS else "")
    if item.kind == "choice":
        return Cell(word(item, value), "code" if item.name == "code" else "")
    if item.kind in ("organisation", "post", "place", "unit", "division"):
        name = row.get(f"_{item.name}")
        return Cell(say(name) or str(value), "where" if item.kind == "division" else "", "", (), str(value))
    if item.kind == "date":
        return Cell(day(value), f"num {_tone(item, value, today)}".strip(), label)
    if item.kind in NUMBERS:
        return Cell(figure(value), "num", label)
    return Cell(say(value), "num" if item.kind == "phone" else "mono" if item.kind in ("code", "uscc") else "")


def figure(value: Any) -> str:
    """Return a number with thin groups of three: 667,000; a fraction with at most five digits."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.5f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _tone(item: Field, value: Any, today: date) -> str:
    """Dates that run out: overdue when past, attention within the reminder's 120 days."""
    end = value.date() if isinstance(value, datetime) else value
    if item.name not in ENDS or not isinstance(end, date):
        return ""
    return "c-overdue" if end < today else "c-attention" if (end - today).days <= SOON_DAYS else ""


def missing_word(name: str) -> str:
    """Return the words for a filter on what is empty."""
    return {
        "point": _("No point on the map"),
        "phone": _("No telephone"),
        "regulator": _("No lead regulator"),
        "industry": _("No industry code"),
        "principal": _("No person in charge"),
        "organisation": _("No organisation"),
        "address": _("No address"),
        "contact_checked_on": _("Contact never checked"),
    }.get(name, name)
