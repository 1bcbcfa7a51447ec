"""The third act: taking an import back. What it replaced is there again, what it brought is gone; rows that were
changed since, or that others refer to, stay as they are and are named."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.events import ImportUndone
from anlan.territory.models import Appointment, Import, ImportIssue
from anlan.territory.services.imports_progress import Progress
from anlan.territory.services.imports_target import Target, target

# What rules and marks change by themselves; it does not make a row "changed since".
BY_RULE = ("regulator_id", "regulator_rule", "act", "updated_at", "origin")
OWN = {"id", "act", "updated_at", "origin"}


def undo_run(batch: Import, by: Actor, progress: Progress) -> None:
    """Take the import back in one transaction and record `territory.import_undone`."""
    aim = target(batch.register)
    progress.step("undoing", sum(batch.counts.get(name, 0) for name in ("new", "changed")))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        at = clock.now()
        values = {
            "batch": batch.pk, "about": f"import:{batch.pk}", "register": batch.register, "at": at,
            "by": json.dumps(by.as_json()), "by_rule": list(BY_RULE),
        }  # fmt: skip
        if batch.register == "persons":
            _appointments(cursor, values)
        _lists(cursor, aim, values)
        restored = _restore(cursor, aim, values)
        removed = _remove(cursor, aim, values)
        left = _name_the_left(cursor, batch, aim)
        batch.state, batch.undone_at = "undone", at
        batch.save(update_fields=["state", "undone_at"])
        reason = str(batch.options.get("undo_reason", ""))
        event = ImportUndone(
            batch=batch.pk, register=batch.register, reason=reason, restored=restored, removed=removed, left=left
        )
        record(event, by=by, about=f"import:{batch.pk}", division=batch.division, at=at)


_ACT = "(SELECT act FROM kernel_entry WHERE kind = 'territory.imported' AND about = %(about)s ORDER BY id DESC LIMIT 1)"


def _lists(cursor: Any, aim: Target, values: Mapping[str, Any]) -> None:
    """List the rows to restore (`undo_old`: id, kept) and to remove (`undo_new`: id), each with what forbids it."""
    touched = _touched(aim)
    cursor.execute(
        f"CREATE TEMP TABLE undo_old ON COMMIT DROP AS SELECT k.row AS id, k.id AS kept, {touched} AS touched"
        f" FROM territory_kept k JOIN {aim.table} t ON t.id = k.row"
        " WHERE k.batch = %(batch)s AND k.before IS NOT NULL AND NOT k.undone",
        values,
    )
    new = (
        "t.origin = %(batch)s"
        if not aim.tracked
        else f"t.id::text IN (SELECT c.key FROM kernel_change c WHERE c.act = {_ACT} AND c.tbl = '{aim.table}' AND c.op = 'I')"
    )
    cursor.execute(
        f"CREATE TEMP TABLE undo_new ON COMMIT DROP AS SELECT t.id, {touched} AS touched, {_in_use(aim.model)} AS used"
        f" FROM {aim.table} t WHERE {new}",
        values,
    )
    cursor.execute("ANALYZE undo_old; ANALYZE undo_new")


def _touched(aim: Target) -> str:
    """Return SQL that tells whether a row `t` was changed since the import, by a person or another import."""
    if aim.tracked:
        return (
            "EXISTS (SELECT 1 FROM kernel_change c WHERE c.key = t.id::text AND c.tbl ="
            f" '{aim.table}' AND c.act <> {_ACT} AND c.id > (SELECT max(m.id) FROM kernel_change m WHERE m.act = {_ACT}))"
        )
    return (
        "EXISTS (SELECT 1 FROM territory_kept l WHERE l.row = t.id AND l.batch IS DISTINCT FROM %(batch)s"
        " AND l.at >= (SELECT applied_at FROM territory_import WHERE id = %(batch)s)"
        " AND EXISTS (SELECT 1 FROM jsonb_object_keys(l.before) n(name) WHERE n.name <> ALL(%(by_rule)s::text[])))"
    )


def _in_use(model: type[models.Model]) -> str:
    """Return SQL that tells whether rows of other tables refer to `t`."""
    parts = [
        f'EXISTS (SELECT 1 FROM {relation.related_model._meta.db_table} r WHERE r."{relation.field.column}" = t.id)'
        for relation in model._meta.related_objects
        if relation.field.many_to_one or relation.field.one_to_one
    ]
    return "(" + (" OR ".join(parts) or "false") + ")"


def _restore(cursor: Any, aim: Target, values: Mapping[str, Any]) -> int:
    """Put back what was replaced; what it is now is kept as well."""
    columns = [str(field.column) for field in aim.model._meta.concrete_fields if field.column not in OWN]
    sets = [f'"{name}" = b."{name}"' for name in columns]
    sets += [f'"{name}" = {made}' for name, made in aim.written.items()]
    _keep(cursor, aim, "undo_old", values)
    cursor.execute(
        f"UPDATE {aim.table} t SET {', '.join(sets)} FROM undo_old u JOIN territory_kept k ON k.id = u.kept,"
        f" LATERAL jsonb_populate_record(NULL::{aim.table}, k.before) b WHERE t.id = u.id AND NOT u.touched",
        values,
    )
    restored = int(cursor.rowcount)
    cursor.execute(
        "UPDATE territory_kept k SET undone = true FROM undo_old u WHERE k.id = u.kept AND NOT u.touched", values
    )
    return restored


def _remove(cursor: Any, aim: Target, values: Mapping[str, Any]) -> int:
    """Take away what was new; what it was is kept."""
    _keep(cursor, aim, "undo_new", values, " AND NOT u.used")
    cursor.execute(f"DELETE FROM {aim.table} t USING undo_new u WHERE t.id = u.id AND NOT u.touched AND NOT u.used")
    return int(cursor.rowcount)


def _keep(cursor: Any, aim: Target, listed: str, values: Mapping[str, Any], also: str = "") -> None:
    cursor.execute(
        "INSERT INTO territory_kept (division, register, row, batch, at, by, before, undone)"
        " SELECT t.division, %(register)s, t.id, %(batch)s, %(at)s, %(by)s::jsonb, to_jsonb(t), true"
        f" FROM {aim.table} t JOIN {listed} u ON u.id = t.id WHERE NOT u.touched{also}",
        values,
    )


def _name_the_left(cursor: Any, batch: Import, aim: Target) -> int:
    """Write an issue for each row that stayed; return how many."""
    cursor.execute(
        f"SELECT t.\"{aim.key}\", CASE WHEN u.touched THEN 'undo.changed' ELSE 'undo.in_use' END FROM {aim.table} t"
        " JOIN (SELECT id, touched, false AS used FROM undo_old UNION ALL SELECT id, touched, used FROM undo_new) u"
        " ON u.id = t.id WHERE u.touched OR u.used ORDER BY 1"
    )
    rows: Sequence[tuple[str, str]] = cursor.fetchall()
    ImportIssue.objects.bulk_create(
        [
            ImportIssue(
                batch=batch, division=batch.division, row=0, column="", field=aim.key, code=code, value=key[:200], detail={},
                fatal=False,
            )
            for key, code in rows
        ],
        batch_size=5000,
    )  # fmt: skip
    return len(rows)


def _appointments(cursor: Any, values: Mapping[str, Any]) -> None:
    """Take back the appointments the import made, and let those it ended go on, where nothing came after."""
    table = Appointment._meta.db_table
    later = f"EXISTS (SELECT 1 FROM kernel_change l WHERE l.tbl = '{table}' AND l.key = c.key AND l.id > c.id)"
    mine = f"FROM kernel_change c WHERE c.act = {_ACT} AND c.tbl = '{table}' AND NOT {later}"
    cursor.execute(
        f"DELETE FROM {table} a USING (SELECT c.key {mine} AND c.op = 'I') x WHERE a.id::text = x.key", values
    )
    cursor.execute(
        f"UPDATE {table} a SET valid_to = NULL FROM (SELECT c.key {mine} AND c.op = 'U') x WHERE a.id::text = x.key"
        f" AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.post_id = a.post_id AND o.holder = a.holder"
        " AND o.valid_to IS NULL)",
        values,
    )
