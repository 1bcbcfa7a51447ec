"""Reads what is asked about a place of each kind: `rules/place_attributes.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

Type = Literal["int", "float", "text", "bool", "choice", "texts"]


@dataclass(frozen=True)
class Attribute:
    """One attribute of a kind of place. `least`/`most` are inclusive; `choices` code → (Chinese, English); `weight`: it
    counts the persons there; `sum`: it is added up over an area."""

    name: str
    zh: str
    en: str
    type: Type
    unit: str = ""
    unit_en: str = ""
    least: float | None = None
    most: float | None = None
    most_chars: int = 0
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    weight: bool = False
    sum: bool = False


@cache
def place_attributes() -> dict[str, tuple[Attribute, ...]]:
    """Return kind of place → its attributes, in the order forms and templates show them."""
    text = (resources.files("anlan.territory") / "rules" / "place_attributes.yaml").read_text(encoding="utf-8")
    return {kind: tuple(_attribute(item) for item in items) for kind, items in yaml.safe_load(text).items()}


def attributes_of(kind: str) -> tuple[Attribute, ...]:
    """Return the attributes of one kind of place, none for a kind that has none."""
    return place_attributes().get(kind, ())


def _attribute(item: dict[str, Any]) -> Attribute:
    choices = {code: (zh, en) for code, (zh, en) in item.pop("choices", {}).items()}
    return Attribute(choices=choices, **item)
