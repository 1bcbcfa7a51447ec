"""Reads what production units do: `rules/unit_trades.yaml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

import yaml

from anlan.territory.engine.masses import Mix, Trade
from anlan.territory.engine.unit_extras import Stock
from anlan.territory.sources.care_rules import pack


@cache
def unit_mix() -> Mix:
    """Return the mix of trades that generated units follow."""
    text = (resources.files("anlan.territory") / "rules" / "unit_trades.yaml").read_text(encoding="utf-8")
    body = yaml.safe_load(text)
    return Mix(
        trades=tuple(Trade(**item) for item in body["trades"]),
        as_of=date.fromisoformat(body["as_of"]),
        without_uscc=body["without_uscc"],
        without_phone=body["without_phone"],
        cooperative_sections=tuple(body["cooperative_sections"]),
    )


@cache
def hazard_stock() -> Stock:
    """Return what generated plants may hold."""
    text = (resources.files("anlan.territory") / "rules" / "major_hazard_stock.yaml").read_text(encoding="utf-8")
    body = yaml.safe_load(text)
    return Stock(
        share=body["share"],
        trades=tuple(body["trades"]),
        people_500m=tuple(body["people_500m"]),
        substances=tuple(body["substances"]),
        rules=pack("major_hazard"),
    )
