"""The second act of an import: all good rows go in, in one transaction; what they replace is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.events import TerritoryImported
from anlan.territory.models import Import
from anlan.territory.services.imports_people import appointments_make
from anlan.territory.services.imports_progress import Progress
from anlan.territory.services.imports_stage import stage_name
from anlan.territory.services.imports_target import Column, Target, target

SLICE = 100_000
LOCK = "anlan.territory.import"


def apply_run(batch: Import, by: Actor, progress: Progress, fields: Sequence[str]) -> dict[str, int]:
    """Put the staged rows in, record `territory.imported`, and return the counts of what was done. `fields`: those the
    file's columns fill. One transaction: either all of it is there afterwards, or nothing."""
    aim = target(batch.register)
    columns = aim.given(fields)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '128MB'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{LOCK}.{batch.register}"])
        at = clock.now()
        counts = _write(batch, aim, columns, by, at, progress)
        content = _content(batch, columns)
        batch.state, batch.counts, batch.content, batch.applied_at = "done", {**batch.counts, **counts}, content, at
        batch.progress = progress.now
        batch.save(update_fields=["state", "counts", "content", "applied_at", "progress", "mapping"])
        event = TerritoryImported(
            batch=batch.pk, register=batch.register, file=batch.file_name, sha256=batch.sha256, counts=batch.counts,
            content=content,
        )  # fmt: skip
        record(event, by=by, about=f"import:{batch.pk}", division=batch.division, at=at)
    return counts


def _write(
    batch: Import, aim: Target, columns: Sequence[Column], by: Actor, at: datetime, progress: Progress
) -> dict[str, int]:
    values = {"at": at, "batch": batch.pk, "register": batch.register, "by": json.dumps(by.as_json())}
    progress.step("replacing", batch.counts.get("changed", 0))
    changed = _change(batch, aim, columns, values)
    progress.step("inserting", batch.counts.get("new", 0))
    new = _insert(batch, aim, columns, values, progress)
    held = appointments_make(batch, at) if batch.register == "persons" else 0
    good = int(batch.counts.get("good", 0))
    return {"new": new, "changed": changed, "same": good - new - changed} | ({"appointments": held} if held else {})


def _change(batch: Import, aim: Target, columns: Sequence[Column], values: dict[str, Any]) -> int:
    """Keep what is replaced, then replace it; rows that would stay as they are are not touched."""
    clear = batch.options.get("blank") == "clear"
    differs = aim.differs([column.field for column in columns], clear=clear)
    sets = [f'"{column.name}" = {aim.value(column, clear=clear)}' for column in columns]
    sets += [f'"{name}" = {made}' for name, made in aim.written.items()]
    stage, table = stage_name(batch.pk), aim.table
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_changed")
        cursor.execute(
            "CREATE TEMP TABLE import_changed ON COMMIT DROP AS"
            f' SELECT t.id, s.row FROM {stage} s JOIN {table} t ON t."{aim.key}" = s.key WHERE {differs} FOR UPDATE OF t'
        )
        cursor.execute(
            "INSERT INTO territory_kept (division, register, row, batch, at, by, before, undone)"
            " SELECT t.division, %(register)s, t.id, %(batch)s, %(at)s, %(by)s::jsonb, to_jsonb(t), false"
            f" FROM {table} t JOIN import_changed c ON c.id = t.id",
            values,
        )
        cursor.execute(
            f"UPDATE {table} t SET {', '.join(sets)} FROM {stage} s JOIN import_changed c ON c.row = s.row"
            " WHERE t.id = c.id",
            values,
        )
        return int(cursor.rowcount)


def _insert(batch: Import, aim: Target, columns: Sequence[Column], values: dict[str, Any], progress: Progress) -> int:
    """Add the rows that are not there yet, slice by slice so that progress can be told."""
    made = {"id": "s.id", **aim.made, **aim.written}
    plain = {
        column.name: f'coalesce(s."{column.name}", {column.blank})' for column in columns if column.name not in made
    }
    plain |= {name: "''" for name in _needed(aim) if name not in plain and name not in made}
    filled = made | plain
    given = {column.name for column in columns} | {"key", "id"}
    absent = {name: sql for name, sql in filled.items() if any(f"s.{other}" in sql for other in _optional(aim) - given)}
    filled |= {name: _without(sql, _optional(aim) - given) for name, sql in absent.items()}
    names = ", ".join(f'"{name}"' for name in filled)
    stage, table = stage_name(batch.pk), aim.table
    done = 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(min(row), 0), coalesce(max(row), 0) FROM {stage}")
        low, high = cursor.fetchone()
        for start in range(low, high + 1, SLICE):
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(filled.values())} FROM {stage} s"
                f" WHERE s.row >= %(start)s AND s.row < %(end)s AND NOT EXISTS"
                f' (SELECT 1 FROM {table} t WHERE t."{aim.key}" = s.key) ORDER BY s.key',
                {**values, "start": start, "end": start + SLICE},
            )
            done += cursor.rowcount
            progress.done(done)
    return done


def _optional(aim: Target) -> set[str]:
    return {column.name for column in aim.columns}


def _without(sql: str, absent: set[str]) -> str:
    """Return the SQL with columns the file has not read as nothing."""
    for name in absent:
        sql = sql.replace(f"s.{name}", "NULL")
    return sql


def _needed(aim: Target) -> list[str]:
    """Return the text columns that may not be NULL and have no default of the database's own."""
    fields = [field for field in aim.model._meta.concrete_fields if not field.null and not field.primary_key]
    return [
        str(f.column) for f in fields if f.get_internal_type() in ("CharField", "TextField") and not f.has_db_default()
    ]


def _content(batch: Import, columns: Sequence[Column]) -> str:
    """Return SHA-256 over the staged rows in order of their keys, columns in order of their names."""
    names = ", ".join(f'"{name}"' for name in sorted(column.name for column in columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT encode(sha256(convert_to(coalesce(string_agg(md5(ROW(key, {names})::text), '' ORDER BY key), ''),"
            f" 'UTF8')), 'hex') FROM {stage_name(batch.pk)}"
        )
        return str(cursor.fetchone()[0])
