"""A row's own fields in groups a reader looks for together, and a place's attributes with their units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from anlan.kernel.language import chinese
from anlan.territory.engine.register import Register
from anlan.territory.pages.cells import Cell, cell, figure
from anlan.territory.pages.industry import industry_word
from anlan.territory.sources.attributes import Attribute, attributes_of

#: Register → group → fields. What no group names stands in the last one.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {
        "who": ("uscc", "legacy_id", "established", "status"),
        "where": ("division", "address", "lon", "lat"),
        "trade": ("industry", "size", "staff"),
        "safety": ("flags", "standardisation", "open_dangers", "major_hazard", "last_check", "insured_to", "credit"),
    },
    "places": {"who": ("code", "kind", "organisation", "state"), "where": ("division", "address", "lon", "lat", "coord_src")},
    "persons": {"who": ("code", "division", "state", "citizen")},
    "posts": {"who": ("code", "role", "organisation", "division", "place", "superior")},
    "organisations": {"who": ("code", "kind", "division", "name_en")},
    "licences": {"who": ("unit", "kind", "number", "issuer", "issued_on", "expires_on", "state", "division")},
}  # fmt: skip
#: Shown elsewhere on the page, or not at all.
ELSEWHERE = {
    "name", "name_zh", "name_en", "phone", "phone_alt", "principal", "regulator", "attributes", "key", "updated_at",
    "post", "holder", "contact_checked_on",
}  # fmt: skip
LINKED = {"organisation": "organisations", "post": "posts", "place": "places", "unit": "units"}


class Fact(NamedTuple):
    """One line: its name, what it says, and where it leads."""

    name: str
    cell: Cell
    href: str = ""


def heads() -> dict[str, str]:
    """Return the names of the groups."""
    return {"who": _("Identity"), "where": _("Where it is"), "trade": _("Business"), "safety": _("Work safety")}


def facts(register: Register, row: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
    """Return the groups of a row's page: head and facts. Fields without a value are left out."""
    groups = []
    for group, names in GROUPS[register.name].items():
        lines = [_fact(register, name, row, today) for name in names if name in register.by_name]
        lines = [line for line in lines if line.cell.css.split(" ")[0] != "none" and (line.cell.text or line.cell.tags)]
        if lines:
            groups.append({"name": group, "head": heads()[group], "facts": lines})
    return groups


def _fact(register: Register, name: str, row: Mapping[str, Any], today: date) -> Fact:
    item = register.by_name[name]
    shown = cell(item, row, today)
    if item.kind == "industry" and row.get(name):
        shown = shown._replace(text=f"{row[name]} {industry_word(str(row[name])[:1])[2:]}", css="")
    heading = _("Division") if item.kind == "division" else item.heading(chinese())
    target = LINKED.get(item.kind)
    return Fact(heading, shown, f"/territory/{target}/{row[name]}" if target and row.get(name) else "")


def attribute_facts(kind: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, value with unit) of a place's attributes that are known."""
    return [
        (item.zh if chinese() else item.en, attribute_words(item, values[item.name]))
        for item in attributes_of(kind)
        if values.get(item.name) not in (None, "", [])
    ]


def attribute_words(item: Attribute, value: Any) -> str:
    """Return an attribute's value in words, with its unit."""
    if item.type == "bool":
        return _("yes") if value else _("no")
    if item.type == "choice":
        return item.choices.get(str(value), (str(value), str(value)))[0 if chinese() else 1]
    if isinstance(value, list):
        return ("、" if chinese() else ", ").join(map(str, value))
    unit = (
        item.unit if chinese() else item.unit_en or ("" if item.unit in ("人", "张", "户", "辆", "艘") else item.unit)
    )
    return f"{figure(value)} {unit}".strip()
