"""Reads the stage's rule files."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from anlan.relief.engine.coverage import Norm


@cache
def norms() -> tuple[str, tuple[Norm, ...]]:
    """Return the version of the norms and the norms (`rules/norms.yaml`)."""
    body = yaml.safe_load((resources.files("anlan.relief") / "rules" / "norms.yaml").read_text(encoding="utf-8"))
    found = (Norm(**{**item, "seasons": tuple(item.get("seasons", ()))}) for item in body["items"])
    return str(body["version"]), tuple(found)
