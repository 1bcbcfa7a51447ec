"""Words for what the checks of the registers find."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from anlan.territory.pages.cells import say


@cache
def _checks() -> dict[str, Any]:
    file = resources.files("anlan.territory") / "rules" / "checks.yaml"
    if not file.is_file():
        return {}
    body = yaml.safe_load(file.read_text(encoding="utf-8"))
    items = body.get("checks", body) if isinstance(body, dict) else body
    if isinstance(items, dict):
        return dict(items)
    return {item["code"]: item for item in items}


def check_word(code: str) -> str:
    """Return the words for a check's code; the code itself where the rules have none."""
    return say(_checks().get(code, {})) or code
