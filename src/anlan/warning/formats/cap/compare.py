"""Does writing what was read give the same message? The document and what is written, leaf by leaf. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec
from lxml import etree

from anlan.warning.formats.cap import door, structure
from anlan.warning.formats.cap.reading import Result, read_tree
from anlan.warning.formats.cap.values import Alert
from anlan.warning.formats.cap.writing import render_bytes

_NUMBERS = re.compile(r"\[\d+\]")
_PAIRS = frozenset(("eventCode", "parameter", "geocode"))


class Difference(msgspec.Struct, frozen=True, gc=False):
    """What a round trip changed. `same`: the values come back equal; leaves "/alert/info/event=…" lost and added.

    What was repaired, filled in or read as plain text is lost in one form and added in another; findings tell of each.
    """

    same: bool
    lost: tuple[str, ...]
    added: tuple[str, ...]


def messages(root: etree._Element, result: Result) -> list[tuple[etree._Element, Result]]:
    """The alert elements of a document with the result of each: the root itself, or those in a container."""
    if result.alert is not None:
        return [(root, result)]
    tags = [f"{{{namespace}}}alert" for namespace in structure.VERSIONS]
    return list(zip(root.iter(*tags), result.embedded, strict=False))


def compare(element: etree._Element, result: Result) -> Difference:
    """Write the message read from an alert element, read it again, compare. Raises ValueError without a message."""
    if result.alert is None:
        raise ValueError("there is no message to compare")
    root, _ = door.enter(render_bytes(result.alert))
    if root is None:  # pragma: no cover - what is rendered is well-formed
        raise ValueError("what was written can't be read")
    document = Counter(leaves(element))
    for aside in result.kept:
        document -= Counter(leaves(etree.fromstring(aside.xml), _NUMBERS.sub("", aside.path)))
    written = Counter(leaves(root))
    again = read_tree(root).alert
    same = again == _as_written(result.alert)
    return Difference(same, tuple((document - written).elements()), tuple((written - document).elements()))


def _as_written(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, version="1.2")


def leaves(element: etree._Element, path: str = "") -> Iterator[str]:
    """Path and text of every element without children, prefixes and outer blanks aside: `/alert/info/event=Flood`."""
    name = etree.QName(element)
    here = f"{path}/{name.localname}"
    if not len(element):
        text = (element.text or "").strip()
        if name.localname in _PAIRS and name.namespace == structure.NAMESPACES["1.0"]:
            first, _, second = text.partition("=")
            yield from (f"{here}/valueName={first.strip()}", f"{here}/value={second.strip()}")
        else:
            yield f"{here}={text}"
    for child in element:
        yield from leaves(child, here)
