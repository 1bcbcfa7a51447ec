"""Taking back one's own last change of a row whose versions the database keeps."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.events_hand import RowRestored

#: Only what one form wrote in one act goes back; a change by import, merger or duty has its own way back.
BY_HAND = ("place.saved", "place.closed", "organisation.saved")
_LAST = """
SELECT c.row, e.kind, e.actor FROM kernel_change c
LEFT JOIN LATERAL (SELECT kind, actor FROM kernel_entry e WHERE e.act = c.act AND e.about = %s
  ORDER BY e.id DESC LIMIT 1) e ON true
WHERE c.tbl = %s AND c.key = %s ORDER BY c.id DESC LIMIT 2
"""


def version_before(by: Actor, table: str, row: UUID) -> dict[str, Any] | None:
    """Return the row as it was before its last change, when that was this actor's by hand; None otherwise. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [f"{table.removeprefix('territory_')}:{row}", table, str(row)])
        found = cursor.fetchall()
    if len(found) < 2 or found[0][1] not in BY_HAND or _plain(found[0][2]) != by.as_json():
        return None
    before: dict[str, Any] = _plain(found[1][0])
    return before


def take_back(by: Actor, register: str, row: models.Model, at: datetime | None) -> list[str]:
    """Put the version before back into the (locked) row and journal it; returns the fields that went back."""
    before = version_before(by, row._meta.db_table, row.pk)
    if before is None:
        raise Conflict(
            code="register.no_undo",
            zh="最近一次修改不是您手工所做，或者之后又有修改，不能直接撤销；请改回后保存。",
            en="The last change was not yours by hand, or something changed since; change it back and save instead.",
            field="row",
            value=row.pk,
        )
    fields = []
    for field in row._meta.concrete_fields:
        column = str(field.column)
        if field.primary_key or column not in before:
            continue
        value = before[column]
        wanted = field.to_python(value) if not field.is_relation else value and UUID(str(value))
        if getattr(row, field.attname) != wanted:
            setattr(row, field.attname, wanted)
            fields.append(str(field.attname))
    row.save()
    event = RowRestored(register=register, row=row.pk, fields=sorted(fields))
    record(event, by=by, about=f"{register.removesuffix('s')}:{row.pk}", division=getattr(row, "division", ""), at=at)
    return fields


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
