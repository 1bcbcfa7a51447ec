"""Reads the stage's rule files."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def team_mix() -> dict[str, Any]:
    """Return how teams are made up (`rules/team_mix.yaml`)."""
    text = (resources.files("anlan.rescue") / "rules" / "team_mix.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
