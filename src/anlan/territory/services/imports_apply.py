"""The second act of an import: all good rows go in, in one transaction; what they replace is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.events import TerritoryImported
from anlan.territory.models import Import
from anlan.territory.services import imports_regulators
from anlan.territory.services.imports_people import appointments_make
from anlan.territory.services.imports_progress import Progress, second_connection
from anlan.territory.services.imports_stage import stage_name
from anlan.territory.services.imports_target import Column, Target, target

SLICE = 100_000
LOCK = "anlan.territory.import"


@dataclass(frozen=True)
class Work:
    """One application under way. `values` are the parameters all statements share."""

    batch: Import
    aim: Target
    columns: Sequence[Column]
    progress: Progress
    values: Mapping[str, Any]

    @property
    def stage(self) -> str:
        """Return the staging table."""
        return stage_name(self.batch.pk)

    @property
    def clear(self) -> bool:
        """Does an empty cell clear what is there?"""
        return bool(self.batch.options.get("blank") == "clear")


def apply_run(batch: Import, by: Actor, progress: Progress, fields: Sequence[str]) -> None:
    """Put the staged rows in and record `territory.imported`; the counts are then those of what was done. `fields`:
    those the file's columns fill. One transaction: afterwards all of it is there, or nothing."""
    aim = target(batch.register)
    columns = aim.given(fields)
    with ThreadPoolExecutor(1, "content") as pool, transaction.atomic():
        content = pool.submit(_content, stage_name(batch.pk), [column.name for column in columns])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '128MB'")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{LOCK}.{batch.register}"])
        at = clock.now()
        values = {"at": at, "batch": batch.pk, "register": batch.register, "by": json.dumps(by.as_json())}
        counts = _write(Work(batch, aim, columns, progress, values), at)
        progress.step("closing")
        _close(batch, by, at, counts, content.result())


def _close(batch: Import, by: Actor, at: datetime, counts: dict[str, int], content: str) -> None:
    batch.state, batch.counts, batch.content, batch.applied_at = "done", {**batch.counts, **counts}, content, at
    batch.error = None
    batch.save(update_fields=["state", "counts", "content", "applied_at", "mapping", "error"])
    event = TerritoryImported(
        batch=batch.pk, register=batch.register, file=batch.file_name, sha256=batch.sha256,
        counts={name: value for name, value in batch.counts.items() if isinstance(value, int)}, content=content,
    )  # fmt: skip
    record(event, by=by, about=f"import:{batch.pk}", division=batch.division, at=at)


def _write(work: Work, at: datetime) -> dict[str, int]:
    work.progress.step("comparing", work.batch.counts["good"])
    staged, new, changed = _compare(work)
    work.progress.step("replacing", changed)
    if changed:
        _change(work)
    work.progress.step("inserting", new)
    added = _insert(work, new, whole=new == staged) if new else 0
    counts = {"good": staged, "new": added, "changed": changed, "same": staged - added - changed}
    held = appointments_make(work.batch, at) if work.batch.register == "persons" else 0
    return counts | ({"appointments": held} if held else {})


def _compare(work: Work) -> tuple[int, int, int]:
    """List the rows that are new (id null) or would change one that is there; returns staged, new and changed."""
    aim = work.aim
    differs = aim.differs([column.field for column in work.columns], clear=work.clear)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {aim.table})")
        if not cursor.fetchone()[0]:  # an empty register: all are new, there is nothing to compare with
            cursor.execute(f"SELECT count(*) FROM {work.stage}")
            staged = cursor.fetchone()[0]
            return staged, staged, 0
        cursor.execute(
            f"CREATE TEMP TABLE import_verdict ON COMMIT DROP AS SELECT s.row, t.id FROM {work.stage} s"
            f' LEFT JOIN {aim.table} t ON t."{aim.key}" = s.key WHERE t.id IS NULL OR {differs}'
        )
        cursor.execute("ANALYZE import_verdict")
        cursor.execute(
            f"SELECT (SELECT count(*) FROM {work.stage}), count(*) FILTER (WHERE id IS NULL), count(id) FROM import_verdict"
        )
        staged, new, changed = cursor.fetchone()
        if changed:
            cursor.execute(
                f"SELECT 1 FROM {aim.table} t JOIN import_verdict v ON v.id = t.id ORDER BY t.id FOR UPDATE OF t"
            )
    return staged, new, changed


def _change(work: Work) -> None:
    """Keep what is replaced, then replace it; rows that would stay as they are are not touched."""
    aim, table = work.aim, work.aim.table
    sets = [f'"{column.name}" = {aim.value(column, clear=work.clear)}' for column in work.columns]
    sets += [f'"{name}" = {made}' for name, made in aim.written.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_kept (division, register, row, batch, at, by, before, undone)"
            " SELECT t.division, %(register)s, t.id, %(batch)s, %(at)s, %(by)s::jsonb, to_jsonb(t), false"
            f" FROM {table} t JOIN import_verdict v ON v.id = t.id",
            work.values,
        )
        cursor.execute(
            f"UPDATE {table} t SET {', '.join(sets)} FROM {work.stage} s JOIN import_verdict v ON v.row = s.row"
            " WHERE t.id = v.id",
            work.values,
        )


def _insert(work: Work, new: int, *, whole: bool) -> int:
    """Add the new rows, slice by slice so that progress can be told. `whole`: every staged row is new."""
    filled = _filled(work)
    names = ", ".join(f'"{name}"' for name in filled)
    chosen = "" if whole else " JOIN import_verdict v ON v.row = s.row AND v.id IS NULL"
    if work.batch.register == "units":
        imports_regulators.prepare(work.stage, {column.name for column in work.columns})
        chosen += _as_nothing(imports_regulators.JOINS, _absent(work))
    statement = (
        f"INSERT INTO {work.aim.table} ({names}) SELECT {', '.join(filled.values())} FROM {work.stage} s{chosen}"
        f" WHERE s.row >= %(start)s AND s.row < %(end)s ON CONFLICT DO NOTHING"
    )
    done = 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(row), max(row) FROM {work.stage}")
        low, high = cursor.fetchone()
        for start in range(low, high + 1, SLICE):
            cursor.execute(statement, {**work.values, "start": start, "end": start + SLICE})
            done += cursor.rowcount
            work.progress.done(done)
    return done


def _filled(work: Work) -> dict[str, str]:
    """Return column → SQL of a new row: what the file gives, what the register makes of it, and nothing for the rest."""
    aim = work.aim
    filled = {"id": "s.id", **aim.made, **aim.written}
    if work.batch.register == "units":
        filled |= imports_regulators.COLUMNS
    for column in work.columns:
        filled.setdefault(column.name, f'coalesce(s."{column.name}", {column.blank})')
    for name in _needed(aim):
        filled.setdefault(name, "''")
    return {column: _as_nothing(sql, _absent(work)) for column, sql in filled.items()}


def _absent(work: Work) -> set[str]:
    """Return the columns of the register that the file has not."""
    return {column.name for column in work.aim.columns} - {column.name for column in work.columns}


def _as_nothing(sql: str, absent: set[str]) -> str:
    """Return SQL over a staged row with the columns the file has not taken for NULL."""
    for name in absent:
        sql = re.sub(rf"\bs\.{name}\b", "NULL", sql)
    return sql


def _needed(aim: Target) -> list[str]:
    """Return the text columns that may not be NULL and have no default of the database's own."""
    fields = [field for field in aim.model._meta.concrete_fields if not field.null and not field.primary_key]
    texts = [field for field in fields if field.get_internal_type() in ("CharField", "TextField")]
    return [str(field.column) for field in texts if not field.has_db_default()]


def _content(stage: str, columns: Sequence[str]) -> str:
    """Return SHA-256 over the staged rows in order of their keys, columns in order of their names."""
    names = "".join(f', "{name}"' for name in sorted(columns))
    with second_connection() as second:
        second.execute("SET work_mem = '64MB'")
        found = second.execute(
            f"SELECT encode(sha256(convert_to(coalesce(string_agg(md5(ROW(key{names})::text), '' ORDER BY key), ''),"
            f" 'UTF8')), 'hex') FROM {stage}"
        ).fetchone()
    return str(found[0]) if found else ""
