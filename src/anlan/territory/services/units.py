"""Production units by hand: entering, changing, closing, and taking back one's own last change.

Units are a mass table without triggers: each writer lays what it replaces into `Kept` and names its transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_hand import RowRestored, UnitClosed, UnitSaved
from anlan.territory.models import Kept, Unit, current_act
from anlan.territory.services.by_hand import row_check
from anlan.territory.services.reaching import locked, reason_given
from anlan.territory.services.reaching import today as local_day
from anlan.territory.services.versions import changed, must_be_seen

ACT = "units.write"
SILENT = {"act", "updated_at"}


@transaction.atomic
def unit_save(
    *,
    by: Actor,
    texts: Mapping[str, str],
    unit: UUID | None = None,
    seen: str | None = None,
    at: datetime | None = None,
) -> tuple[Unit, list[dict[str, str]]]:
    """Enter a unit (`unit` None) or change one, from what was typed per field; returns it and the doubts that may stand.

    Fields not among `texts` stay. `seen`: the version the form showed. Invalid with every fault of every field,
    Conflict when the key is another unit's or the row moved on, Forbidden outside the actor's reach.
    """
    row = None
    if unit is not None:
        row = locked(by, Unit, unit)
        by.must(ACT, row.division)
        must_be_seen(row, seen)
    checked = row_check(by.scope, "units", texts)
    by.must(ACT, checked.columns.get("division", row.division if row else ""))
    if row is None:
        row = Unit(id=stable_id("unit", checked.key), key=checked.key, coord_src="")
    new = unit is None
    _must_be_free(checked.key or row.key, None if new else row.pk)
    before = None if new else _image(row.pk)
    values = checked.columns | ({"key": checked.key} if checked.key else {})
    if values.get("regulator_id") != row.regulator_id:
        values["regulator_rule"] = ""  # named by hand now, no longer by a rule
    fields = changed(row, values)
    if new or fields:
        _write(row, by, before, new, at or clock.now())
        event = UnitSaved(unit=row.pk, new=new, fields=sorted(fields))
        record(event, by=by, about=f"unit:{row.pk}", division=row.division, at=at)
    return row, checked.doubts


@transaction.atomic
def unit_close(*, by: Actor, unit: UUID, reason: str, on: date | None = None, at: datetime | None = None) -> Unit:
    """Close a unit for good; it stays in the register as closed. Conflict when it is closed already."""
    row = locked(by, Unit, unit)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if row.status == "closed":
        raise Conflict(
            code="units.closed", zh="该单位已注销。", en="This unit is closed already.", field="status", value="closed"
        )
    before = _image(row.pk)
    row.status = "closed"
    _write(row, by, before, False, at or clock.now())
    event = UnitClosed(unit=row.pk, on=on or local_day(at), reason=why)
    record(event, by=by, about=f"unit:{row.pk}", division=row.division, at=at)
    return row


@transaction.atomic
def unit_undo(*, by: Actor, unit: UUID, at: datetime | None = None) -> Unit:
    """Take back the last change of a unit; only its maker may, and only while nothing was written since (Conflict)."""
    row = locked(by, Unit, unit)
    by.must(ACT, row.division)
    kept = undoable(by, row)
    if kept is None or kept.before is None:
        raise Conflict(
            code="units.no_undo",
            zh="最近一次修改不是您手工所做，或者之后又有修改，不能直接撤销；请改回后保存。",
            en="The last change was not yours by hand, or something changed since; change it back and save instead.",
            field="unit",
            value=unit,
        )
    before, moment = _image(row.pk), at or clock.now()
    fields = sorted(name for name, value in kept.before.items() if name not in SILENT and before.get(name) != value)
    with connection.cursor() as cursor:
        names = [field.column for field in Unit._meta.concrete_fields if field.column not in (*SILENT, "id")]
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"UPDATE territory_unit t SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(t, %s::jsonb))"
            " WHERE t.id = %s",
            [json.dumps(kept.before, ensure_ascii=False), row.pk],
        )
    Kept.objects.filter(pk=kept.pk).update(undone=True)
    Unit.objects.filter(pk=row.pk).update(updated_at=moment, act=current_act())
    row.refresh_from_db()
    event = RowRestored(register="units", row=row.pk, fields=fields)
    record(event, by=by, about=f"unit:{row.pk}", division=row.division, at=at)
    return row


def undoable(by: Actor, row: Unit) -> Kept | None:
    """Return the kept version that `unit_undo` would put back; None when there is none it safely can."""
    kept = Kept.objects.filter(register="units", row=row.pk, undone=False).order_by("-id").first()
    safe = kept is not None and kept.before is not None and kept.batch is None and kept.at == row.updated_at
    return kept if kept is not None and safe and kept.by == by.as_json() else None


def _must_be_free(key: str, own: UUID | None) -> None:
    others = Unit.objects.filter(key=key) if own is None else Unit.objects.filter(key=key).exclude(pk=own)
    taken = others.values_list("name", "division").first()
    if taken is not None:
        raise Conflict(
            code="units.key_taken",
            zh=f"“{key}”已是“{taken[0]}”（{taken[1]}）的编号；请打开该单位修改，或核对代码。",
            en=f"“{key}” is {taken[0]} ({taken[1]}); open that unit, or check the code.",
            field="uscc",
            value=key,
        )


def _write(row: Unit, by: Actor, before: Any, new: bool, moment: datetime) -> None:
    row.updated_at = moment
    row.act = current_act()
    row.save(force_insert=new)
    if not new:
        Kept.objects.create(
            register="units", row=row.pk, division=row.division, at=moment, by=by.as_json(), before=before
        )


def _image(unit: UUID) -> Any:
    """Return the row as the database holds it, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t) FROM territory_unit t WHERE t.id = %s", [unit])
        return json.loads(cursor.fetchone()[0])
