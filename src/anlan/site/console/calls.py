"""Who has not answered, for the duty page; the rows come from the warning stage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.warning import selectors

Rows = list[dict[str, Any]]
LISTED = 12


def unanswered(scope: Scope, at: datetime | None = None) -> Rows:
    """The calls that have waited longest in all warnings in force, first the oldest."""
    return [_row(item) for item in selectors.unanswered(scope, None, LISTED, None, at)]


def _row(item: dict[str, Any]) -> dict[str, Any]:
    where = item["place"] or item["division_name"]
    return {**item, "post_name": item["post"]["name"], "where": where, "placed_at": item["waiting_since"]}
