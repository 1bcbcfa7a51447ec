"""Keeping the words that came with stations, series, sensors and elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction

from anlan.kernel import ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.monitoring.events import StationDescribed
from anlan.monitoring.models import Description


class Described(NamedTuple):
    """What is described, where it belongs, and the words (see models.Description)."""

    kind: str
    code: str
    division: str
    body: dict[str, Any]


@transaction.atomic
def descriptions_save(*, by: Actor, rows: Sequence[Described]) -> None:
    """Keep descriptions; those that are there already are replaced. Raises Forbidden."""
    if not rows:
        return
    for row in rows:
        by.must("station.register", row.division)
    held = {
        (one.kind, one.code, one.division): one
        for one in Description.objects.select_for_update().filter(code__in=[row.code for row in rows])
    }
    for row in rows:
        found = held.get(row[:3]) or Description(id=ids.new_id(), kind=row.kind, code=row.code, division=row.division)
        found.body = row.body
        if row[:3] in held:
            Description.objects.bulk_update([found], ["body"])
        else:
            Description.objects.bulk_create([found])
            held[row[:3]] = found
    division = min((row.division for row in rows), key=len)
    record(
        StationDescribed(what=[f"{row.kind}:{row.code}" for row in rows]), by=by, about="stations:", division=division
    )
