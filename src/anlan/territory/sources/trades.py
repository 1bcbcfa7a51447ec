"""Reads what production units do: `rules/unit_trades.yaml`."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

import yaml

from anlan.territory.engine.masses import Mix, Trade


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
