"""The attributes of places as columns of a file: `attributes.NAME`, one field for all kinds that have it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from anlan.territory.choices import Choice
from anlan.territory.engine.register import Field, Kind, Register
from anlan.territory.engine.rows import ATTRIBUTE
from anlan.territory.formats.template import template as workbook
from anlan.territory.sources.attributes import Attribute, place_attributes

YES_NO = {"true": Choice("true", "是", "Yes"), "false": Choice("false", "否", "No")}
_KINDS: Mapping[str, Kind] = {"int": "int", "float": "float", "bool": "choice", "choice": "choice"}


@cache
def attribute_fields(register: str) -> dict[str, Field]:
    """Return "attributes.NAME" → field; none for a register without attributes."""
    found: dict[str, Field] = {}
    for items in place_attributes().values() if register == "places" else ():
        for item in items:
            name = ATTRIBUTE + item.name
            found[name] = _wider(found[name], item) if name in found else _field(name, item)
    return found


@cache
def attribute_tables() -> dict[str, Mapping[str, Choice]]:
    """Return the lists that attributes are chosen from, by the field's `choices`."""
    tables: dict[str, Mapping[str, Choice]] = {"yes_no": YES_NO}
    for items in place_attributes().values():
        for item in items:
            if item.choices:
                more = {code: Choice(code, zh, en) for code, (zh, en) in item.choices.items()}
                tables[ATTRIBUTE + item.name] = {**tables.get(ATTRIBUTE + item.name, {}), **more}
    return tables


def attribute_headings(register: str) -> dict[str, str]:
    """Return heading (Chinese, English, name; with its unit too) → "attributes.NAME"."""
    found: dict[str, str] = {}
    for name, field in attribute_fields(register).items():
        for text in (field.zh, field.en, name.removeprefix(ATTRIBUTE), f"{field.zh}{field.unit}"):
            found[text] = name
    return found


def _field(name: str, item: Attribute) -> Field:
    choices = {"bool": "yes_no", "choice": name}.get(item.type, "")
    kind = _KINDS.get(item.type, "text")
    return Field(
        name=name, zh=item.zh, en=item.en, kind=kind, choices=choices, least=item.least, most=item.most, unit=item.unit,
        most_chars=item.most_chars or (500 if kind == "text" else 0),
    )  # fmt: skip


def _wider(field: Field, item: Attribute) -> Field:
    """Two kinds may share an attribute: the wider limits hold."""
    least = None if field.least is None or item.least is None else min(field.least, item.least)
    most = None if field.most is None or item.most is None else max(field.most, item.most)
    return Field(**{**vars(field), "least": least, "most": most})


def template(register: Register, language: str) -> bytes:
    """Return the empty workbook of a register, the attributes of places included."""
    more = list(attribute_fields(register.name).values())
    return workbook(register, language, attributes=more, tables=attribute_tables())
