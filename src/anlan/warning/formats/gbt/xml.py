"""The XML of the national message: bytes ⇄ values. It comes in by the door of CAP: bounded, no network, entities, DTD."""

from __future__ import annotations

import re
import typing
from functools import cache
from typing import Any, Final

import msgspec
from lxml import etree

from anlan.kernel.problem import Invalid
from anlan.warning.formats.cap import door
from anlan.warning.formats.cap.values import Finding
from anlan.warning.formats.gbt.checking import check
from anlan.warning.formats.gbt.mapping import split_codes, split_identities
from anlan.warning.formats.gbt.table import Table
from anlan.warning.formats.gbt.table import table as default_table
from anlan.warning.formats.gbt.values import Message

MAX_FINDINGS: Final = 100
# Of one document: infos, areas, files and ways of release together; polygons, circles, codes and references together.
MAX_PARTS: Final = 5_000
MAX_TEXTS: Final = 50_000
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# Lists that stand in one element, and how they are divided.
_JOINED: Final = {"geocodes": split_codes, "references": split_identities}


def read(raw: bytes, table: Table | None = None) -> tuple[Message, tuple[Finding, ...]]:
    """A national message as values, and what stands in the document that has no place in them.

    Namespaces and the order of elements don't matter; UTF-8, UTF-16, GB18030 and the other encodings of the CAP reader
    are taken. Raises Invalid `warning.gbt_xml` for bytes that are too many, no XML, have a document type, or another root.
    """
    table = table or default_table()
    root, found = door.enter(raw)
    if root is None:
        raise _refused(found[-1].zh, found[-1].en, None)
    tag = etree.QName(root)
    if (tag.namespace or "").startswith("urn:oasis:names:tc:emergency:cap:"):
        raise _refused("这已是CAP报文，请用 to-gbt", "is a CAP message already, for to-gbt", root.tag)
    if tag.localname != table.elements.root:
        raise _refused(
            f"根元素是{tag.localname}，应为{table.elements.root}",
            f"has the root element {tag.localname} where {table.elements.root} should stand", root.tag,
        )  # fmt: skip
    findings = list(found)
    message = _Reading(table, findings).struct(root, Message, f"/{table.elements.root}")
    return typing.cast(Message, message), tuple(findings)


def _refused(zh: str, en: str, value: object) -> Invalid:
    return Invalid(
        code="warning.gbt_xml", zh=f"不是可读的预警信息：{zh}。", en=f"No readable national message: it {en}.",
        field="message", value=value,
    )  # fmt: skip


@cache
def _members(struct: type[msgspec.Struct]) -> dict[str, tuple[bool, type[Any]]]:
    """Field → (is it a list, what of: str or a struct)."""
    found: dict[str, tuple[bool, type[Any]]] = {}
    for name, hint in typing.get_type_hints(struct).items():
        many = typing.get_origin(hint) is tuple
        found[name] = (many, typing.get_args(hint)[0] if many else hint)
    return found


class _Reading:
    """One document being read: its table, what was found on the way, how much more of it is taken."""

    def __init__(self, table: Table, findings: list[Finding]) -> None:
        self.table = table
        self.findings = findings
        self.parts, self.texts = MAX_PARTS, MAX_TEXTS

    def struct(self, element: etree._Element, struct: type[msgspec.Struct], path: str) -> msgspec.Struct:
        """The values of an element; what has no place in them is noted."""
        held: dict[str, list[etree._Element]] = {}
        for child in element:
            held.setdefault(_name(child), []).append(child)
        found: dict[str, Any] = {}
        for field, name in self.table.elements.of(struct).items():
            many, kind = _members(struct)[field]
            children = self._children(held, name, path)
            if kind is str:
                self._note([one for child in children for one in child], f"{path}/{name}")
                texts = [text for child in children if (text := (child.text or "").strip())]
                found[field] = self._listed(field, texts) if many else next(iter(texts), "")
                self._note([] if many else children[1:], path)
            else:
                self._spend(len(children), 0)
                places = ((f"{path}/{name}[{at}]", child) for at, child in enumerate(children, 1))
                found[field] = tuple([self.struct(child, kind, place) for place, child in places])
        for unknown in held.values():
            self._note(unknown, path)
        return struct(**found)

    def _children(self, held: dict[str, list[etree._Element]], name: str, path: str) -> list[etree._Element]:
        outer, _, inner = name.partition("/")
        children = held.pop(outer, [])
        if not inner:
            return children
        inside = [grandchild for child in children for grandchild in child]
        self._note([one for one in inside if _name(one) != inner], f"{path}/{outer}")
        return [one for one in inside if _name(one) == inner]

    def _listed(self, field: str, texts: list[str]) -> tuple[str, ...]:
        divide = _JOINED.get(field)
        found = tuple(texts) if divide is None else tuple(part for text in texts for part in divide(text))
        self._spend(0, len(found))
        return found

    def _spend(self, parts: int, texts: int) -> None:
        self.parts, self.texts = self.parts - parts, self.texts - texts
        if self.parts < 0 or self.texts < 0:
            raise _refused(
                f"内容过多（最多{MAX_PARTS}个部分、{MAX_TEXTS}个代码或图形）",
                f"has more than {MAX_PARTS} parts or {MAX_TEXTS} codes and shapes", None,
            )  # fmt: skip

    def _note(self, elements: list[etree._Element], path: str) -> None:
        for element in elements[: max(0, MAX_FINDINGS - len(self.findings))]:
            text = "".join(map(str, element.itertext())).strip()[:80]
            self.findings.append(
                Finding("gbt.element", "warning", f"{path}/{_name(element)}", f"元素没有对应字段，内容“{text}”未读入",
                        f"no field for this element; its text {text!r} is not taken")
            )  # fmt: skip


def _name(element: etree._Element) -> str:
    """The element's name without its namespace; "entity" for a reference to an entity, which has none."""
    return etree.QName(element).localname if isinstance(element.tag, str) else "entity"


def write(message: Message, table: Table | None = None, *, strict: bool = True) -> bytes:
    """The message as UTF-8 XML. Strict, it raises Invalid `warning.gbt` naming the first value rule it breaks.

    A text with characters XML doesn't know is always refused.
    """
    table = table or default_table()
    errors = [finding for finding in check(message, table) if finding.severity == "error"] if strict else []
    if errors:
        raise Invalid(
            code="warning.gbt",
            zh=f"预警信息不符合GB/T 35965.1：{errors[0].path} {errors[0].zh}（共{len(errors)}处）；请更正后再转。",
            en=f"The message breaks GB/T 35965.1: {errors[0].path} {errors[0].en} ({len(errors)} in all); correct it first.",
            field=errors[0].path,
            value=None,
        )
    spaces: dict[Any, str] = {None: table.namespace} if table.namespace else {}
    root = etree.Element(_tag(table.elements.root, table), nsmap=spaces)
    _fill(root, message, table)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _tag(name: str, table: Table) -> str:
    return f"{{{table.namespace}}}{name}" if table.namespace else name


def _fill(element: etree._Element, struct: msgspec.Struct, table: Table) -> None:
    needed = table.required.get(type(struct).__name__.lower(), ())
    for field, name in table.elements.of(type(struct)).items():
        value = getattr(struct, field)
        outer, _, inner = name.partition("/")
        things = (value,) if isinstance(value, str) else value
        if field in _JOINED:
            things = (",".join(value),)
        if not any(things) and field not in needed:
            continue
        parent = etree.SubElement(element, _tag(outer, table)) if inner else element
        for thing in things:
            child = etree.SubElement(parent, _tag(inner or outer, table))
            if isinstance(thing, msgspec.Struct):
                _fill(child, thing, table)
            else:
                child.text = _legal(thing, field)


def _legal(text: str, field: str) -> str:
    if _ILLEGAL.search(text):
        raise Invalid(
            code="warning.gbt_text", zh=f"{field}含有XML不允许的控制字符；请删除。",
            en=f"{field} has control characters that XML doesn't allow; remove them.", field=field, value=repr(text),
        )  # fmt: skip
    return text
