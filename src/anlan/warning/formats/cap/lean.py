"""The tree of a CAP 1.2 message that looks in order → its values, in a fraction of the time `model.Reading` takes.

Raises `OutOfOrder` at what the values can't hold. What it doesn't look for (order, attributes, elements in a text) the
schema finds afterwards; `model.Reading` then reads the message again and tells of it.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from anlan.warning.formats.cap import structure
from anlan.warning.formats.cap.structure import CODED, MANY, ONE
from anlan.warning.formats.cap.values import Alert, Area, Coded, Info, Resource


class OutOfOrder(Exception):
    """The structure is not that of CAP 1.2."""


_Places = dict[str, tuple[str, int]]


def _places(table: structure.Table) -> _Places:
    return {f"{{{structure.NAMESPACES['1.2']}}}{name}": (field, kind) for name, field, kind in table}


_SIGNATURE: Final = f"{{{structure.SIGNATURE}}}"
_ALERT: Final = _places(structure.ALERT)
_INFO: Final = _places(structure.INFO)
_RESOURCE: Final = _places(structure.RESOURCE)
_AREA: Final = _places(structure.AREA)


def alert(root: etree._Element) -> tuple[Alert, list[etree._Element]]:
    """The message, and the signatures in it. Raises OutOfOrder."""
    values, others = _fields(root, _ALERT)
    infos = values.pop("infos", ())
    try:
        return Alert(infos=tuple([_info(one) for one in infos]), **values), others
    except (TypeError, ValueError) as error:  # a required element is missing, or a pair is none
        raise OutOfOrder from error


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
            if table is not _ALERT or not child.tag.startswith(_SIGNATURE):
                raise OutOfOrder
            others.append(child)
            continue
        field, kind = slot
        if kind == ONE:
            text = child.text
            if field in values:
                raise OutOfOrder
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
