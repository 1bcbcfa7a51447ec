"""Template words of the register pages: the row of tabs, figures in groups. `{% load territory %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from anlan.territory.pages.cells import chinese, figure, say
from anlan.territory.sources.registers import registers

register = template.Library()


@register.inclusion_tag("territory/tabs.html")
def register_tabs(tab: str) -> dict[str, Any]:
    """The tabs every page of the territory has under the menu; `tab` names the one this page is."""
    tabs = [("home", "/territory/", _("Overview"))]
    tabs += [(item.name, f"/territory/{item.name}", head(item)) for item in registers()]
    tabs += [
        (name, address, text)
        for name, address, text in (
            ("divisions", "/territory/divisions", _("Divisions")),
            ("inside", "/territory/inside", _("Who is inside")),
            ("care", "/territory/care", _("Quality and gaps")),
            ("imports", "/territory/imports", _("Imports")),
        )
        if there(address)
    ]
    return {"tab": tab, "tabs": tabs}


def there(address: str) -> bool:
    """True when a page answers at this address."""
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@register.filter
def grouped(value: Any) -> str:
    """A number in groups of three: 667,000."""
    return "–" if value is None else figure(value)


@register.filter
def named(value: Any) -> str:
    """`{"zh", "en"}` in the reader's language."""
    return say(value)


@register.filter
def head(field: Any) -> str:
    """A field's or register's name in the reader's language."""
    return str(field.zh if chinese() else field.en)


@register.filter
def named_area(area: Any) -> str:
    """The reader's own area in the reader's language."""
    return str(area.zh if chinese() else area.en)
