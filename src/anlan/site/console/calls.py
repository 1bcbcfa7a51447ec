"""Who has not answered, for the duty page and the call board; the rows come from the warning stage."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.scope import Scope
from anlan.warning import selectors

Rows = list[dict[str, Any]]
LISTED, BOARD = 12, 50


def unanswered(scope: Scope, at: datetime | None = None) -> Rows:
    """The calls that have waited longest in all warnings in force, first the oldest."""
    return [_row(item) for item in selectors.unanswered(scope, None, LISTED, None, at)]


def board_rows(scope: Scope, warning: UUID, after: UUID | None, at: datetime | None = None) -> tuple[Rows, str]:
    """A page of one warning's unanswered calls, and the id to ask the next page after ("" at the end)."""
    found = selectors.unanswered(scope, warning, BOARD, after, at)
    return [_row(item) for item in found], str(found[-1]["id"]) if len(found) == BOARD else ""


def _row(item: dict[str, Any]) -> dict[str, Any]:
    where = item["place"] or item["division_name"]
    return {**item, "post_name": item["post"]["name"], "where": where, "placed_at": item["waiting_since"]}
