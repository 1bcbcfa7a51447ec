"""Reads the templates of orders (`rules/order_templates.yaml`)."""

from __future__ import annotations

from functools import cache

import msgspec

from anlan.response.engine.plan import Words
from anlan.response.formats.packs import pack_read


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for as proof: words, and if wanted a photo, a number in `unit`, a place."""

    zh: str
    en: str
    photo: bool = False
    unit: str = ""
    place: bool = False


class OrderTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to start an order from; limits in minutes, `hazards` of GB/T 35561, `group`: code of its working group."""

    code: str
    name: Words
    title: Words
    text: Words
    within: int
    receipt: int
    evidence: Asked
    law: tuple[str, ...] = ()
    group: str = ""
    hazards: tuple[str, ...] = ()


class OrderTemplates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All templates, with their source. `mark` G: defaults to be confirmed."""

    version: str
    mark: str
    source: Words
    templates: tuple[OrderTemplate, ...]


@cache
def order_templates() -> OrderTemplates:
    """Return the shipped templates."""
    return pack_read("order_templates.yaml", OrderTemplates)


def fitting(type_code: str) -> tuple[OrderTemplate, ...]:
    """Return the templates, those for the hazard of an incident's class first, then the general ones, then the rest."""

    def rank(one: OrderTemplate) -> int:
        if any(type_code.startswith(hazard.rstrip("0") or hazard) for hazard in one.hazards) and type_code:
            return 0
        return 1 if not one.hazards else 2

    return tuple(sorted(order_templates().templates, key=rank))
