"""Template words of the register pages: the row of tabs, figures in groups. `{% load territory %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from anlan.kernel.language import chinese, say
from anlan.territory import choices
from anlan.territory.pages.cells import figure
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


@register.filter
def path(row: Any) -> str:
    """The names of the division a row lies in."""
    return say(row.get("_division")) or str(row.get("division", ""))


@register.filter
def phones(row: Any) -> list[str]:
    """The telephones of a row that are filled."""
    return [str(row[name]) for name in ("phone", "phone_alt") if row.get(name)]


@register.filter
def holder_pair(post: Any) -> list[tuple[str, Any]]:
    """A and B of a post, None where nobody is."""
    held = {item["holder"]: item for item in post["holders"]}
    return [(letter, held.get(letter)) for letter in ("A", "B")]


@register.filter
def place_kind(code: str) -> str:
    """The word for a kind of place."""
    return say(choices.name(choices.PLACE_KINDS, code))


@register.filter
def post_role(code: str) -> str:
    """The word for a role."""
    return say(choices.name(choices.POST_ROLES, code))


@register.filter
def organisation_kind(code: str) -> str:
    """The word for a kind of organisation."""
    return say(choices.name(choices.ORGANISATION_KINDS, code))


@register.filter
def person_state(code: str) -> str:
    """The word for the state of a person."""
    return say(choices.name(choices.PERSON_STATES, code))


@register.filter
def hazard_grade(grade: Any) -> str:
    """The word for the grade of a major hazard source."""
    return say(choices.name(choices.HAZARD_GRADES, str(grade)))


@register.filter
def magnitude(number: int) -> int:
    """A number without its sign."""
    return abs(number)


@register.filter
def formats(names: str, found: Any) -> list[str]:
    """The file formats a register goes out in; GeoJSON where its rows lie at points."""
    return [name for name in names.split() if name != "geojson" or found.point]
