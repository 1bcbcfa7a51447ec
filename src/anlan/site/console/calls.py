"""Who has not answered, for the duty page and the call board; the rows come from the warning stage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope

Rows = list[dict[str, Any]]
LISTED = 12


def unanswered(scope: Scope, at: datetime | None = None, limit: int = LISTED) -> tuple[Rows, int]:
    """The posts that have waited longest, as rows of post, where, step, state and placed_at; and how many in all."""
    return [], 0
