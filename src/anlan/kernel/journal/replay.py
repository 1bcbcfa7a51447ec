"""Rebuilding a database from an exported journal: state is the row versions laid down in order."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from anlan.kernel.journal.export import TABLES, bulk_tables
from anlan.kernel.journal.verify import verify
from anlan.kernel.models import BulkRow, Tracked
from anlan.kernel.problem import Conflict, Invalid


@transaction.atomic
def replay(path: Path) -> dict[str, Any]:
    """Load an exported journal into this empty database and rebuild every tracked table; return the manifest."""
    if any(model.objects.exists() for model in _models(Tracked)):
        raise Conflict(
            code="replay.not_empty",
            zh="目标库不是空库；请先新建空库再回放。",
            en="The target database is not empty; make a new one and replay into that.",
        )
    with zipfile.ZipFile(path) as archive, connection.cursor() as cursor:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        cursor.execute("SELECT set_config('anlan.replay', 'on', true)")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in TABLES:
            _copy_in(cursor, archive, table, manifest)
        for model in _models(Tracked):
            _rebuild(cursor, model)
        for table in bulk_tables():
            _copy_in(cursor, archive, table, manifest)
        _restart_sequences(cursor)
        cursor.execute("SELECT set_config('anlan.replay', '', true)")
    broken = verify()
    if broken is not None:
        raise Invalid(code="replay.broken", zh=broken.zh, en=broken.en, field="seq", value=broken.seq)
    return manifest


def state_digest() -> dict[str, str]:
    """Return a hash of the content of every tracked and mass table: equal state, equal hashes."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for model in (*_models(Tracked), *_models(BulkRow)):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT coalesce(encode(sha256(convert_to(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"),"
                f" 'UTF8')), 'hex'), '-') FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def _models(base: type[models.Model]) -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, base)]


def _copy_in(cursor: Any, archive: zipfile.ZipFile, table: str, manifest: dict[str, Any]) -> None:
    data = archive.read(f"{table}.copy")
    if hashlib.sha256(data).hexdigest() != manifest["parts"][table]["sha256"]:
        raise Invalid(
            code="replay.damaged",
            zh=f"导出文件中的 {table} 与清单不符；请重新导出。",
            en=f"The part {table} does not match the manifest; export again.",
            field="part",
            value=table,
        )
    head, _, body = data.partition(b"\n")
    columns = ", ".join(f'"{name}"' for name in head.decode().split("\t"))
    with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        copy.write(body)


def _rebuild(cursor: Any, model: Any) -> None:
    """Lay down the last version of every row of one table."""
    table = model._meta.db_table
    cursor.execute(
        f'INSERT INTO "{table}" SELECT (jsonb_populate_record(null::"{table}", v.row)).* FROM (SELECT DISTINCT ON (key)'
        " op, row FROM kernel_change WHERE tbl = %s ORDER BY key, id DESC) v WHERE v.op <> 'D'",
        [table],
    )


def _restart_sequences(cursor: Any) -> None:
    for table in ("kernel_entry", "kernel_change", *bulk_tables()):
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id') WHERE EXISTS (SELECT 1 FROM information_schema.columns"
                       " WHERE table_name = %s AND column_name = 'id')", [table, table])  # fmt: skip
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(f"SELECT setval('{row[0]}', (SELECT coalesce(max(id), 0) + 1 FROM \"{table}\"), false)")
