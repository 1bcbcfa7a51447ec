"""Places by hand: entering, changing, closing, and taking back one's own last change. Versions are kept by the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_hand import PlaceClosed, PlaceSaved
from anlan.territory.models import Place
from anlan.territory.services.by_hand import row_check
from anlan.territory.services.reaching import locked, reason_given
from anlan.territory.services.taking_back import take_back
from anlan.territory.services.versions import changed, must_be_seen
from anlan.territory.sources.attributes import attributes_of

ACT = "places.write"


@transaction.atomic
def place_save(
    *,
    by: Actor,
    texts: Mapping[str, str],
    place: UUID | None = None,
    seen: str | None = None,
    at: datetime | None = None,
) -> tuple[Place, list[dict[str, str]]]:
    """Enter a place (`place` None) or change one, from what was typed per field ("attributes.NAME" for those of its
    kind); returns it and the doubts that may stand. Raises as `unit_save` does."""
    row = None
    if place is not None:
        row = locked(by, Place, place)
        by.must(ACT, row.division)
        must_be_seen(row, seen)
    checked = row_check(by.scope, "places", texts)
    values = dict(checked.columns)
    by.must(ACT, values.get("division") or (row.division if row else ""))
    new = row is None
    if row is None:
        _must_be_free(checked.key)
        row = Place(id=stable_id("place", checked.key), code=checked.key, lon=0, lat=0, attributes={})
    values["name_en"] = values.get("name_en") or row.name_en or values.get("name_zh", row.name_zh)
    values["attributes"] = _attributes(row, values, texts)
    moved = any(getattr(row, name) != values.get(name, getattr(row, name)) for name in ("lon", "lat"))
    if moved and "coord_src" not in texts:
        values["coord_src"] = ""  # a point given by hand is no longer an estimate
    fields = changed(row, values)
    if new or fields:
        row.save(force_insert=new)
        event = PlaceSaved(place=row.pk, code=row.code, new=new, fields=sorted(fields))
        record(event, by=by, about=f"place:{row.pk}", division=row.division, at=at)
    return row, checked.doubts


@transaction.atomic
def place_close(*, by: Actor, place: UUID, reason: str, at: datetime | None = None) -> Place:
    """Take a place out of use; it stays in the register. Conflict when it is not in use."""
    row = locked(by, Place, place)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if row.state != "active":
        raise Conflict(
            code="places.closed",
            zh="该部位已停用或合并。",
            en="This place is not in use.",
            field="state",
            value=row.state,
        )
    row.state = "closed"
    row.save(update_fields=["state"])
    event = PlaceClosed(place=row.pk, code=row.code, reason=why)
    record(event, by=by, about=f"place:{row.pk}", division=row.division, at=at)
    return row


@transaction.atomic
def place_undo(*, by: Actor, place: UUID, at: datetime | None = None) -> Place:
    """Take back the last change of a place; only its maker may, and only while nothing was written since (Conflict)."""
    row = locked(by, Place, place)
    by.must(ACT, row.division)
    take_back(by, "places", row, at)
    return row


def _attributes(row: Place, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the attributes: those of the kind as typed, those the form doesn't know as they were."""
    if not any(name.startswith("attributes.") for name in texts):
        return dict(row.attributes)
    own = {item.name for item in attributes_of(values.get("kind", row.kind))}
    typed = {name: value for name, value in (values.get("attributes") or {}).items() if name in own}
    asked = {name.removeprefix("attributes.") for name in texts if name.startswith("attributes.")}
    return {name: value for name, value in row.attributes.items() if name not in asked} | typed


def _must_be_free(code: str) -> None:
    taken = Place.objects.filter(code=code).values_list("name_zh", flat=True).first()
    if taken is not None:
        raise Conflict(
            code="places.code_taken",
            zh=f"编号“{code}”已是“{taken}”；请换一个，或打开该部位修改。",
            en=f"The code “{code}” is {taken}; choose another, or open that place.",
            field="code",
            value=code,
        )
