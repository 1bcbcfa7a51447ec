"""Template words of the imports: names of registers and of the steps of the work. `{% load territory_imports %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from anlan.kernel.language import chinese
from anlan.territory.sources.registers import register as register_named

register = template.Library()
STEPS = {
    "reading": _("Reading the file"),
    "checking": _("Checking every cell"),
    "comparing": _("Comparing with the register"),
    "replacing": _("Keeping what is replaced"),
    "inserting": _("Putting the rows in"),
    "closing": _("Closing the books"),
    "appointing": _("Appointing people to their posts"),
    "undoing": _("Putting the old rows back"),
    "regulators": _("Assigning the lead regulators"),
    "duplicates": _("Looking for duplicates"),
    "index": _("Making search and map current"),
}


@register.filter
def register_name(name: str) -> str:
    """A register's name in the reader's language."""
    found = register_named(name)
    return found.zh if chinese() else found.en


@register.filter
def import_step(code: str | None) -> str:
    """A step of the work in words; before the first one, that it waits for a worker."""
    return str(STEPS.get(code or "", _("Waiting for a worker")))
