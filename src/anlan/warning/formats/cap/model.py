"""The tree of a CAP message → its values, whatever order the elements stand in, and what is wrong with its structure.

Nothing is thrown away: what has no place in the values (signatures, unknown elements, a second `event`) is kept aside
as XML. Findings are bounded, so that a hostile file can't make many of them.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import msgspec
from lxml import etree

from anlan.warning.formats.cap import structure
from anlan.warning.formats.cap.structure import CODED, MANY, ONE, REQUIRED, Slot, Slots
from anlan.warning.formats.cap.values import Alert, Area, Coded, Finding, Info, Resource, Version
from anlan.warning.formats.cap.wording import MOST_FINDINGS, finding

_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


class Kept(msgspec.Struct, frozen=True, gc=False):
    """Something of the document that the values have no place for: the element it stood in, and its XML."""

    path: str
    xml: str


class Reading:
    """One message being read: its tables, and what was found and kept aside on the way."""

    def __init__(self, namespace: str, version: Version) -> None:
        self.slots: Slots = structure.slots(namespace)
        self.version = version
        self.filled = structure.FILLED[version]
        self.findings: list[Finding] = []
        self.kept: list[Kept] = []

    def tell(self, code: str, path: str, value: str = "", repair: str = "") -> None:
        """Add a finding, unless there are too many."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding(code, path, value, repair))

    def keep(self, element: etree._Element, path: str) -> None:
        """Keep an element aside, unless there are too many."""
        if len(self.kept) < MOST_FINDINGS:
            self.kept.append(Kept(path, etree.tostring(element, encoding="unicode", with_tail=False)))

    def alert(self, root: etree._Element) -> Alert:
        """Return the message of an alert element."""
        self._attributes(root, "/alert")
        values = self.fields(root, self.slots.alert, "alert", "/alert")
        if "infos" in values:
            parts = enumerate(root.iterchildren(values["infos"]), 1)
            values["infos"] = tuple([self._info(e, f"/alert/info[{n}]") for n, e in parts])
        return Alert(version=self.version, **values)

    def _info(self, element: etree._Element, path: str) -> Info:
        values = self.fields(element, self.slots.info, "info", path)
        if "resources" in values:
            parts = enumerate(element.iterchildren(values["resources"]), 1)
            values["resources"] = tuple([self._resource(e, f"{path}/resource[{n}]") for n, e in parts])
        if "areas" in values:
            parts = enumerate(element.iterchildren(values["areas"]), 1)
            values["areas"] = tuple([self._area(e, f"{path}/area[{n}]") for n, e in parts])
        return Info(**values)

    def _resource(self, element: etree._Element, path: str) -> Resource:
        return Resource(**self.fields(element, self.slots.resource, "resource", path))

    def _area(self, element: etree._Element, path: str) -> Area:
        return Area(**self.fields(element, self.slots.area, "area", path))

    def fields(self, element: etree._Element, table: dict[str, Slot], name: str, path: str) -> dict[str, Any]:
        """The children of an element by field: texts, tuples of texts and pairs, the tag of parts still to be read."""
        values: dict[str, Any] = {}
        last = 0
        if element.text and not element.text.isspace():
            self.tell("stray_text", path, element.text.strip())
        for child in element:
            slot = table.get(child.tag)
            if slot is None:
                self.foreign(child, path)
                continue
            if child.attrib:
                self._attributes(child, f"{path}/{slot.name}")
            order, field, kind, tag = slot
            if order < last:
                self.tell("element_order", f"{path}/{tag}", tag, "taken from where it stands")
            else:
                last = order
            if kind == ONE:
                text = child.text
                if len(child):
                    text = self.nested(child, path)
                if field in values:
                    self.again(child, path, tag, (text or "").strip() == values[field])
                else:
                    values[field] = text.strip() if text else ""
            elif kind == MANY:
                text = self.nested(child, path) if len(child) else child.text
                values.setdefault(field, []).append(text.strip() if text else "")
            elif kind == CODED:
                values.setdefault(field, []).append(self._coded(child, f"{path}/{tag}"))
            else:
                values[field] = child.tag
            if child.tail and not child.tail.isspace():
                self.tell("stray_text", path, child.tail.strip())
        for field in REQUIRED[name]:
            if field not in values:
                self.missing(values, table, field, path)
        for field, value in values.items():
            if type(value) is list:
                values[field] = tuple(value)
        return values

    def missing(self, values: dict[str, Any], table: dict[str, Slot], field: str, path: str) -> None:
        """A required element that is not there: told, and filled where an older version let it be left out."""
        older = self.filled.get(field)
        if field != "categories":
            values[field] = older or ""
        if len(self.findings) >= MOST_FINDINGS:  # a hostile message misses hundreds of thousands
            return
        name = next(slot.name for slot in table.values() if slot.field == field)
        if field in self.filled:
            self.tell("element_filled", f"{path}/{name}", name, older or "")
        else:
            self.tell("element_missing", f"{path}/{name}", name)

    def _coded(self, element: etree._Element, path: str) -> Coded:
        if self.version == "1.0" and not len(element):  # CAP 1.0: one text, name=value
            name, _, value = (element.text or "").partition("=")
            return Coded(name.strip(), value.strip())
        return Coded(**self.fields(element, self.slots.coded, "coded", path))

    def foreign(self, child: etree._Element, path: str) -> None:
        """An element CAP doesn't know here: kept aside as XML."""
        name = etree.QName(child)
        self.keep(child, path)
        if name.namespace == structure.SIGNATURE and path == "/alert":
            self.tell("signature_present", f"{path}/{name.localname}")
        elif not (self.version == "1.0" and name.localname == "password"):
            self.tell("unknown_element", path, name.localname, "kept aside")

    def _attributes(self, element: etree._Element, path: str) -> None:
        """CAP has no attributes; those of XML Schema itself (xsi:schemaLocation) may stand anywhere."""
        for name in islice(element.attrib, 20):  # looking up values is quadratic in their number
            if not str(name).startswith(_SCHEMA_INSTANCE):
                self.tell("attribute", path, etree.QName(str(name)).localname)

    def nested(self, child: etree._Element, path: str) -> str:
        """The text of a leaf that holds elements: all of it, without them; the elements are kept aside."""
        name = etree.QName(child).localname
        self.keep(child, path)
        self.tell("element_nested", f"{path}/{name}", name, "read as plain text")
        return "".join(map(str, child.itertext()))

    def again(self, child: etree._Element, path: str, name: str, same: bool) -> None:
        """A second element where one may stand: the first counts, another text is kept aside."""
        self.tell("element_repeated", f"{path}/{name}", name, "left out, the same" if same else "the first counts")
        if not same:
            self.keep(child, path)
