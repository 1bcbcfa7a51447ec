"""What a register (名册) is: its fields with labels, kinds and limits, said once for lists, forms, files and interfaces.

The descriptions themselves are data: `rules/register_*.yaml`, read by `sources.registers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal[
    "text", "code", "name", "division", "uscc", "industry", "choice", "flags", "int", "float", "date", "lon", "lat",
    "phone", "citizen", "organisation", "post", "person", "place", "unit", "attributes",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column of a register.

    `choices` names a table of `choices.py`; `aliases` are other headings files use for it; `sensitive` fields are
    masked unless unmasked with a reason; `column` is the database column where it differs from `name`.
    `least`/`most` are inclusive. `index`: part of the finding index as filter ("filter"), words ("words"), code
    ("code") or telephone digits ("digits"). `ruled`: a rule fills what is left empty, so an unknown value is no fault.
    """

    name: str
    zh: str
    en: str
    kind: Kind
    required: bool = False
    choices: str = ""
    most_chars: int = 0
    least: float | None = None
    most: float | None = None
    unit: str = ""
    sensitive: bool = False
    index: str = ""
    shown: bool = False
    importable: bool = True
    exported: bool = True
    aliases: tuple[str, ...] = ()
    hint_zh: str = ""
    hint_en: str = ""
    example: str = ""
    column: str = ""
    ruled: bool = False

    def heading(self, chinese: bool) -> str:
        """Return the column's heading in one language."""
        return self.zh if chinese else self.en


@dataclass(frozen=True)
class Register:
    """A register: `key` fields make the natural key (the first that is filled), `classes` names the field that gives a
    point's class on the map, `point` tells whether its rows lie at a point."""

    name: str
    zh: str
    en: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    classes: str = ""
    point: bool = False
    weights: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Return field name → field."""
        return {item.name: item for item in self.fields}

    def importable(self) -> tuple[Field, ...]:
        """Return the fields a file may bring, in template order."""
        return tuple(item for item in self.fields if item.importable)
