"""Remedies that are safe for many rows at once: another datum, a division's successor, a telephone's stored form.

What is replaced is kept under one batch, together with what was put in its place, so that a remedy can be undone and
rows changed since are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.geo import bd09_to_wgs84, gcj02_to_wgs84
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.territory.engine.identifiers import phone_fault, phone_normal
from anlan.territory.events_quality import Remedied, RemedyUndone
from anlan.territory.models import Division, Finding, Kept

ACT = "quality.mend"
TABLES = {"units": "territory_unit", "places": "territory_place", "persons": "territory_person"}
Row = dict[str, Any]
# Columns each remedy writes.
COLUMNS = {
    "point_datum": ("lon", "lat"),
    "division_old": ("division",),
    "phone_bad": ("phone",),
}
SAFE = {
    "units": ("point_datum", "division_old", "phone_bad"),
    "places": ("point_datum", "division_old"),
    "persons": ("division_old",),
}


@transaction.atomic
def remedy_apply(*, by: Actor, register: str, check: str, division: str = "", at: datetime | None = None) -> Remedied:
    """Mend all rows inside `division` (and the actor's reach) that the check found, where there is a safe way.

    Invalid for a check without a safe remedy; NotFound when nothing can be mended. The findings mended are cleared.
    """
    if check not in SAFE.get(register, ()):
        raise Invalid(
            code="quality.no_remedy",
            zh="此项问题没有可批量执行的安全修正办法；请逐行核对修改。",
            en="There is no safe remedy for many rows at once here; mend them one by one.",
            field="check",
            value=check,
        )
    rows = _doubtful(by, register, check, division)
    for prefix in sorted({row["division"] for row in rows}):
        by.must(ACT, prefix)
    written = {row["id"]: after for row in rows if (after := _REMEDIES[check](row)) is not None}
    if not written:
        raise NotFound(
            code="quality.nothing",
            zh="辖区内没有可修正的行；请先重新检查。",
            en="No row in your area can be mended this way; run the check again.",
            field="check",
            value=check,
        )
    batch, moment = ids.new_id(), at or clock.now()
    _write(register, COLUMNS[check], written, {"by": by.as_json(), "batch": batch, "at": moment})
    Finding.objects.filter(register=register, check_code=check, row__in=list(written), cleared_at__isnull=True).update(
        cleared_at=moment
    )
    names = "\n".join(sorted(str(pk) for pk in written))
    event = Remedied(register=register, remedy=check, rows=len(written), batch=batch,
                     sha256=hashlib.sha256(names.encode()).hexdigest())  # fmt: skip
    record(event, by=by, about=f"register:{register}", division=division or _top(by), at=at)
    return event


@transaction.atomic
def remedy_undo(*, by: Actor, batch: UUID, at: datetime | None = None) -> RemedyUndone:
    """Put back what a remedy replaced, except in rows changed since. Conflict when it was undone before."""
    kept = by.scope.filter(Kept.objects.select_for_update().filter(batch=batch, before__has_key="_now"))
    rows = list(kept.values_list("pk", "register", "division", "undone"))
    if not rows or any(undone for *_, undone in rows):
        raise Conflict(
            code="quality.undone",
            zh="此次修正不存在，或已撤销。",
            en="There is no such remedy, or it was undone before.",
            field="batch",
            value=batch,
        )
    for prefix in sorted({division for _, _, division, _ in rows}):
        by.must(ACT, prefix)
    register, moment = rows[0][1], at or clock.now()
    before: dict[str, Any] = Kept.objects.get(pk=rows[0][0]).before or {}
    names = sorted(before.keys() - {"_now"})
    put = _put_back(register, names, [pk for pk, *_ in rows], moment)
    Kept.objects.filter(pk__in=[pk for pk, *_ in rows]).update(undone=True)
    event = RemedyUndone(register=register, batch=batch, rows=put, changed_since=len(rows) - put)
    record(event, by=by, about=f"register:{register}", division=_top(by), at=at)
    return event


def _doubtful(by: Actor, register: str, check: str, division: str) -> list[Row]:
    """Return the rows found, locked: id, division, detail of the finding, and what the remedy reads."""
    table = TABLES[register]
    columns = ", ".join(f"t.{name}" for name in COLUMNS[check] if name != "division")
    sql = (
        f"SELECT t.id, t.division, f.detail{', ' + columns if columns else ''} FROM territory_finding f"
        f" JOIN {table} t ON t.id = f.row WHERE f.register = %s AND f.check_code = %s AND f.cleared_at IS NULL"
        " AND t.division ^@ ANY(%s) AND t.division ^@ %s ORDER BY t.id FOR UPDATE OF t"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [register, check, list(by.scope.prefixes), division])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["detail"] = json.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
    return rows


def _write(register: str, names: tuple[str, ...], written: dict[UUID, Row], words: dict[str, Any]) -> None:
    """Keep what stands in `names` and put the new values there, in two statements whatever the number of rows."""
    table = TABLES[register]
    types = {"lon": "float8", "lat": "float8"}
    columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in names)
    fresh = f"json_to_recordset(%s::json) AS n(id uuid, {columns})"
    before = ", ".join(f"'{name}', t.{name}" for name in names)
    after = ", ".join(f"'{name}', n.{name}" for name in names)
    values = json.dumps([{"id": str(pk), **row} for pk, row in written.items()])
    more = ", updated_at = %s, act = pg_current_xact_id()::text::bigint" if register == "units" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_kept (register, row, division, batch, at, by, before, undone)"
            f" SELECT %s, t.id, t.division, %s, %s, %s::jsonb, jsonb_build_object({before}, '_now',"
            f" jsonb_build_object({after})), false FROM {table} t JOIN {fresh} ON n.id = t.id",
            [register, words["batch"], words["at"], json.dumps(words["by"]), values],
        )
        cursor.execute(
            f"UPDATE {table} t SET {', '.join(f'{name} = n.{name}' for name in names)}{more} FROM {fresh}"
            " WHERE n.id = t.id",
            [*([words["at"]] if more else []), values],
        )


def _put_back(register: str, names: list[str], kept: list[int], at: datetime) -> int:
    """Put back kept values where the row still holds what the remedy wrote; return how many rows."""
    table = TABLES[register]
    more = ", updated_at = %s, act = pg_current_xact_id()::text::bigint" if register == "units" else ""
    values = ", ".join(f"{name} = (b.old).{name}" for name in names)
    still = " AND ".join(f"t.{name} IS NOT DISTINCT FROM (b.new).{name}" for name in names)
    sql = (
        f"UPDATE {table} t SET {values}{more} FROM (SELECT row AS id, jsonb_populate_record(null::{table}, before) AS old,"
        f" jsonb_populate_record(null::{table}, before -> '_now') AS new FROM territory_kept WHERE id = ANY(%s)) b"
        f" WHERE t.id = b.id AND {still}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*([at] if more else []), kept])
        return int(cursor.rowcount)


def _datum(row: Row) -> Row | None:
    turn = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(row["detail"].get("datum", ""))
    if turn is None or row["lon"] is None:
        return None
    lon, lat = turn(np.array([row["lon"]]), np.array([row["lat"]]))
    return {"lon": round(float(lon[0]), 7), "lat": round(float(lat[0]), 7)}


def _successor(row: Row) -> Row | None:
    code = row["detail"].get("successor", "")
    there = code and Division.objects.filter(pk=code, valid_to__isnull=True).exists()
    return {"division": code} if there else None


def _phone(row: Row) -> Row | None:
    number = phone_normal(row["phone"])
    return {"phone": number} if number != row["phone"] and phone_fault(number) == "" else None


_REMEDIES: dict[str, Callable[[Row], Row | None]] = {
    "point_datum": _datum,
    "division_old": _successor,
    "phone_bad": _phone,
}


def _top(by: Actor) -> str:
    return by.scope.prefixes[0] if by.scope.prefixes else ""
