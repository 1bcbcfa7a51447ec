"""Reads the descriptions of the registers: `rules/register_*.yaml`."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from anlan.kernel.problem import NotFound
from anlan.territory.engine.register import Field, Register

NAMES = ("units", "places", "persons", "posts", "organisations", "licences")


@cache
def register(name: str) -> Register:
    """Return one register; NotFound when there is none of that name."""
    if name not in NAMES:
        raise NotFound(
            code="territory.no_register",
            zh=f"没有名为“{name}”的名册；可用：{'、'.join(NAMES)}。",
            en=f"There is no register “{name}”; take one of: {', '.join(NAMES)}.",
            field="register",
            value=name,
        )
    text = (resources.files("anlan.territory") / "rules" / f"register_{name}.yaml").read_text(encoding="utf-8")
    body = yaml.safe_load(text)
    fields = tuple(
        Field(**{**item, "aliases": tuple(item.get("aliases", ())), "example": str(item.get("example", ""))})
        for item in body.pop("fields")
    )
    body["key"], body["weights"] = tuple(body["key"]), tuple(body.get("weights", ()))
    return Register(fields=fields, **body)


def registers() -> list[Register]:
    """Return all registers in their order."""
    return [register(name) for name in NAMES]
