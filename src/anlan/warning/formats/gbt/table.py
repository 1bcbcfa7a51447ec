"""The table of the national message: element names and word lists, editable, checked as it is read."""

from __future__ import annotations

import re
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final, Literal

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.warning import choices
from anlan.warning.formats.gbt.values import Area, Info, Message, Method, Resource

MAX_CHARS: Final = 1_000_000
_NAME = re.compile(r"[A-Za-z_][\w.-]*(/[A-Za-z_][\w.-]*)?", re.ASCII)
STRUCTS: Final[dict[str, type[msgspec.Struct]]] = {
    "message": Message, "method": Method, "info": Info, "resource": Resource, "area": Area,
}  # fmt: skip


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in Chinese and English."""

    zh: str
    en: str


class Colour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A colour word's counterparts: our colour code, CAP severity, grade I to IV, Chinese name."""

    colour: str
    severity: str
    grade: str
    zh: str


class Elements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Element of each field, in the order written; "a/b" = repeated b inside one a."""

    root: str
    message: dict[str, str]
    method: dict[str, str]
    info: dict[str, str]
    resource: dict[str, str]
    area: dict[str, str]

    def of(self, struct: type[msgspec.Struct]) -> dict[str, str]:
        """Field → element of one of our structs."""
        found: dict[str, str] = getattr(self, _KINDS[struct])
        return found


_KINDS: Final = {struct: name for name, struct in STRUCTS.items()}


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Everything a bureau may have to change when it has the standard's text, or a province's own rules."""

    pack: Literal["warning.gbt"]
    version: str
    title: Words
    source: Words
    issuer: Words
    area: str
    valid_from: date
    valid_to: date | None
    mark: Literal["S", "K", "G"]
    namespace: str
    elements: Elements
    required: dict[str, tuple[str, ...]]
    private: tuple[Literal["phone", "signer", "groups", "persons"], ...]
    words: dict[str, tuple[str, ...]]
    colours: dict[str, Colour]
    no_colour: str
    certainty_to_gbt: dict[str, str]
    certainty_from_gbt: dict[str, str]
    event_code: str
    colour_parameter: str
    geocodes: dict[int, str]
    categories: dict[str, str]
    mime: dict[str, str]
    events: dict[str, Words]

    @cached_property
    def names(self) -> dict[str, Words]:
        """Event type → its name; the platform's own hazards first."""
        return {code: Words(hazard.zh, hazard.en) for code, hazard in choices.HAZARDS.items()} | self.events

    @cached_property
    def colour_words(self) -> dict[str, str]:
        """Any way of saying a colour, in small letters (red, 红色, i) → the colour word."""
        return {
            said.casefold(): word
            for word, colour in self.colours.items()
            for said in (word, colour.colour, colour.zh, colour.grade)
        }

    def category(self, event_type: str) -> str:
        """The CAP category of an event type."""
        return self.categories[max((p for p in self.categories if event_type.startswith(p)), key=len)]

    def type_named(self, event: str) -> str:
        """The event type with this Chinese or English name, "" when there is none."""
        said = event.casefold()
        return next((code for code, n in self.names.items() if said in {n.zh.casefold(), n.en.casefold()}), "")


@cache
def table() -> Table:
    """The table that comes with the platform."""
    return load(resources.files(__package__).joinpath("table.yaml").read_text("utf-8"), "table.yaml")


def load(text: str, origin: str) -> Table:
    """A table from YAML. Raises Invalid `warning.gbt_table` naming `origin`, the place and the remedy."""
    if len(text) > MAX_CHARS:
        raise _bad(origin, "file", "文件太大", "is too large a file")
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        found = msgspec.convert(raw, Table)
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise _bad(origin, "table", f"读不了：{error}", f"can't be read: {error}") from error
    for kind, struct in STRUCTS.items():
        _check_names(getattr(found.elements, kind), struct, kind, origin)
        unknown = set(found.required.get(kind, ())) - set(struct.__struct_fields__)
        if unknown:
            raise _bad(origin, f"required.{kind}", f"没有字段{unknown}", f"names fields that don't exist: {unknown}")
    for name in ("categories", "mime"):
        if "" not in getattr(found, name):
            raise _bad(origin, name, "缺少默认项（键为空）", 'needs a default under the empty key ""')
    return found


def _check_names(names: dict[str, str], struct: type[msgspec.Struct], kind: str, origin: str) -> None:
    fields, elements = set(struct.__struct_fields__), list(names.values())
    if set(names) != fields:
        odd = ", ".join(sorted(set(names) ^ fields))
        raise _bad(origin, f"elements.{kind}", f"字段多余或缺少：{odd}", f"has a field too much or too few: {odd}")
    wrong = [element for element in elements if not _NAME.fullmatch(element)]
    if wrong or len(set(elements)) != len(elements):
        raise _bad(
            origin, f"elements.{kind}", "元素名无效或重复", f"has an element name that is not valid, or twice: {wrong}"
        )


def _bad(origin: str, field: str, zh: str, en: str) -> Invalid:
    return Invalid(
        code="warning.gbt_table", zh=f"{origin}的{field}：{zh}。", en=f"{origin}, {field} {en}.", field=field
    )
