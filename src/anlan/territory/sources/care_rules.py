"""Reads the rule packs of care: who must be there, licences, major hazards, regulators, checks, likeness."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

PACKS = ("duty_cover", "licences", "major_hazard", "regulators", "checks", "likeness")
MUST = {"pack", "version", "source", "issuer", "area", "valid_from", "mark"}


@cache
def pack(name: str) -> dict[str, Any]:
    """Return one rule pack; ValueError when it does not say where it comes from."""
    text = (resources.files("anlan.territory") / "rules" / f"{name}.yaml").read_text(encoding="utf-8")
    body: dict[str, Any] = yaml.safe_load(text)
    missing = MUST - set(body)
    if missing:
        raise ValueError(f"{name}.yaml: a rule pack needs {', '.join(sorted(missing))}")
    return body
