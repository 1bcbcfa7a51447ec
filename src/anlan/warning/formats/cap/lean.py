"""The tree of a message the CAP 1.2 schema has found valid → its values, without asking again what the schema knows.

`model.Reading` reads the same to the same values whatever the structure; this way is for the many that are in order.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from anlan.warning.formats.cap import structure
from anlan.warning.formats.cap.structure import CODED, MANY, ONE
from anlan.warning.formats.cap.values import Alert, Area, Coded, Info, Resource

_Places = dict[str, tuple[str, int]]


def _places(table: structure.Table) -> _Places:
    return {f"{{{structure.NAMESPACES['1.2']}}}{name}": (field, kind) for name, field, kind in table}


_ALERT: Final = _places(structure.ALERT)
_INFO: Final = _places(structure.INFO)
_RESOURCE: Final = _places(structure.RESOURCE)
_AREA: Final = _places(structure.AREA)


def alert(root: etree._Element) -> tuple[Alert, list[etree._Element]]:
    """The message, and the signatures in it (the only elements the schema lets in besides CAP's own)."""
    values, others = _fields(root, _ALERT)
    infos = values.pop("infos", ())
    return Alert(infos=tuple([_info(one) for one in infos]), **values), others


def _info(element: etree._Element) -> Info:
    values, _ = _fields(element, _INFO)
    if "resources" in values:
        values["resources"] = tuple([Resource(**_fields(one, _RESOURCE)[0]) for one in values["resources"]])
    if "areas" in values:
        values["areas"] = tuple([Area(**_fields(one, _AREA)[0]) for one in values["areas"]])
    return Info(**values)


def _fields(element: etree._Element, table: _Places) -> tuple[dict[str, Any], list[etree._Element]]:
    values: dict[str, Any] = {}
    many: dict[str, list[Any]] = {}
    others: list[etree._Element] = []
    for child in element:
        slot = table.get(child.tag)
        if slot is None:
            others.append(child)
            continue
        field, kind = slot
        if kind == ONE:
            text = child.text
            values[field] = text.strip() if text else ""
            continue
        one: Any = child
        if kind == MANY:
            text = child.text
            one = text.strip() if text else ""
        elif kind == CODED:
            name, value = [each.text for each in child]
            one = Coded(name.strip() if name else "", value.strip() if value else "")
        if field in many:
            many[field].append(one)
        else:
            many[field] = [one]
    for field, found in many.items():
        values[field] = tuple(found)
    return values, others
