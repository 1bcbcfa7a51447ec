"""Values → CAP 1.2 as UTF-8 XML. Strict: what breaks the schema or a rule is refused with every fault named."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from anlan.warning.formats.cap import rules, structure
from anlan.warning.formats.cap.structure import CODED, MANY, ONE, Table
from anlan.warning.formats.cap.values import Alert, CapError
from anlan.warning.formats.cap.wording import finding

NAMESPACE: Final = structure.NAMESPACES["1.2"]
_DEFAULT: Final[dict[Any, str]] = {None: NAMESPACE}
_ILLEGAL_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PARTS: Final[dict[str, Table]] = {"info": structure.INFO, "resource": structure.RESOURCE, "area": structure.AREA}


def write(alert: Alert) -> bytes:
    """The message as CAP 1.2, valid by schema and text. Raises `CapError` with every error found; warnings pass.

    Characters XML can't hold (control characters, lone surrogates) are left out.
    """
    faults = tuple(one for one in rules.check(alert) if one.severity == "error")
    if faults:
        raise CapError(faults)
    root = render(alert)
    schema = structure.schema()
    if not schema.validate(root):
        log: Any = schema.error_log
        raise CapError(tuple(finding("schema", f"line {entry.line}", entry.message) for entry in log))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def render(alert: Alert) -> etree._Element:
    """The message as a CAP 1.2 tree, judged by nobody: for comparing what was read."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_DEFAULT)
    _fill(root, alert, structure.ALERT)
    return root


def render_bytes(alert: Alert) -> bytes:
    """The message as bytes, judged by nobody."""
    return etree.tostring(render(alert), xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, values: Any, table: Table) -> None:
    for name, field, kind in table:
        value = getattr(values, field)
        if kind == ONE:
            if value is not None:
                _put(parent, name, value)
        elif kind == MANY:
            for text in value:
                _put(parent, name, text)
        elif kind == CODED:
            for pair in value:
                element = _put(parent, name, None)
                _put(element, "valueName", pair.name)
                _put(element, "value", pair.value)
        else:
            for part in value:
                _fill(_put(parent, name, None), part, _PARTS[name])


def _put(parent: etree._Element, tag: str, text: str | None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    if text is not None:
        element.text = _ILLEGAL_XML.sub("", text)
    return element
