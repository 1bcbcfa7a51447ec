"""Showing in full whom an area calls: with a reason, and journalled (law 9)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import shapely
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.engine.area import Area
from anlan.territory.events_target import TargetUnmasked
from anlan.territory.selectors.target import Targets
from anlan.territory.services.reaching import reason_given


@transaction.atomic
def target_unmask(
    *, by: Actor, found: Targets, area: Area, reason: str, limit: int | None = None, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the first `limit` rows (None: all) of a target with names and telephones in full, and journal who asked, for
    which area and why. Forbidden without the act `person.unmask`, Invalid without a reason."""
    rows = list(found.rows(limit))
    for division in sorted({row["division"] for row in rows}):
        by.must("person.unmask", division)
    people = {side["person"] for row in rows for side in (row["a"], row["b"]) if side}
    event = TargetUnmasked(
        area=hashlib.sha256(shapely.to_wkb(area.geometry)).hexdigest(),
        posts=len(rows),
        people=len(people),
        reason=reason_given(reason),
    )
    record(event, by=by, about="target", division=_common(rows), at=at)
    return rows


def _common(rows: list[dict[str, Any]]) -> str:
    """Return the smallest division that holds all rows; "" where there is none."""
    codes = [row["division"] for row in rows]
    first, last = min(codes, default=""), max(codes, default="")
    return next(
        (first[:length] for length in (12, 9, 6, 4, 2) if len(first) >= length and first[:length] == last[:length]), ""
    )
