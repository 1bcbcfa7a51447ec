"""The first act of an import: read the file, check it by column, stage the good rows, compare with what is there."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.engine import mapping as guessing
from anlan.territory.engine.rows import ATTRIBUTE, Plan, take
from anlan.territory.models import Import, ImportIssue, ImportMapping
from anlan.territory.services.imports_known import Divisions, divisions, known
from anlan.territory.services.imports_people import pairs_stage
from anlan.territory.services.imports_progress import Progress, second_connection
from anlan.territory.services.imports_stage import (
    Issues,
    issues_copy,
    stage_batch,
    stage_copy,
    stage_make,
    stage_name,
)
from anlan.territory.services.imports_target import REFERENCES, Column, Target, target
from anlan.territory.sources.home import columns_of, file_of, open_columns
from anlan.territory.sources.place_columns import attribute_fields, attribute_headings
from anlan.territory.sources.reading import about_of, read_file
from anlan.territory.sources.registers import register

MOST_ISSUES = 500_000


@dataclass
class Run:
    """One check under way."""

    batch: Import
    target: Target
    columns: list[Column]
    plan: Plan
    tree: Divisions
    issues: Issues
    first_row: int
    rows: int
    progress: Progress
    staged: int = 0
    bad: int = 0

    @property
    def staged_columns(self) -> list[Column]:
        """Return the columns of the staging table: those of the register's table, and those beside it."""
        return [*self.columns, *self.target.side]

    @property
    def key_field(self) -> str:
        """Return the field that faults of the natural key are told under."""
        return next((name for name in self.plan.register.key if name in self.plan.fields), self.plan.register.key[0])


def check_run(batch: Import, progress: Progress, *, compare: bool = True) -> dict[str, int]:
    """Do the whole check; returns the counts. Whatever an earlier, killed run left is made anew. `compare` False leaves
    out what applying would do: it is done at once and counts for itself."""
    columns = read_columns(batch, progress)
    about = about_of(columns)
    batch.mapping = mapping_of(batch, about["header"])
    run = _prepare(batch, about, columns, progress)
    progress.step("checking", run.rows)
    ImportIssue.objects.filter(batch=batch).delete()
    stage_make(batch.pk, run.staged_columns)
    _batches(run, columns)
    progress.step("comparing", run.staged)
    with second_connection() as second:
        if batch.register == "persons":
            issues_copy(second, _held(run))
        issues_copy(second, _doubles(run))
        issues_copy(second, _elsewhere(run))
        new, changed = _would(run) if compare else (0, 0)
    return _counts(run) | ({"new": new, "changed": changed, "same": run.staged - new - changed} if compare else {})


def read_columns(batch: Import, progress: Progress) -> pa.ipc.RecordBatchFileReader:
    """Return the file's text columns; read in a process of its own unless an earlier run has done so."""
    path = columns_of(batch.pk)
    found = open_columns(path)
    if found is None:
        progress.step("reading", 0)
        read_file(
            file_of(batch.sha256), path, register=batch.register, kind=batch.format, options=batch.options,
            memory_mb=int(options.import_memory_mb),
        )  # fmt: skip
        found = open_columns(path)
    if found is None:
        raise Invalid(
            code="file.broken", zh="读不出此文件。", en="This file can't be read.", field="file", value=path.name
        )
    return found


def mapping_of(batch: Import, header: list[str]) -> dict[str, str]:
    """Return heading → field: as chosen, else as this heading was taken last time, else as guessed."""
    found = register(batch.register)
    if batch.mapping:
        return {heading: batch.mapping.get(heading, "") for heading in header}
    kept = ImportMapping.objects.filter(
        register=batch.register, header=guessing.header_hash(header), division=batch.division
    )
    last = kept.values_list("mapping", flat=True).first()
    if last is not None:
        return {heading: last.get(heading, "") for heading in header}
    guessed = guessing.guess(found, header, attribute_headings(batch.register))
    return {heading: guess.field for heading, guess in guessed.items()}


def _prepare(batch: Import, about: dict[str, Any], columns: Any, progress: Progress) -> Run:
    found, aim, header = register(batch.register), target(batch.register), about["header"]
    places = {name: place for place, heading in enumerate(header) if (name := batch.mapping.get(heading, ""))}
    attributes = {name: field for name, field in attribute_fields(batch.register).items() if name in places}
    _must_suffice(batch, header)
    scope = Scope(tuple(batch.scope))
    tree = divisions(scope, clock.now().astimezone(clock.BEIJING).date())
    keep = {heading: place for place, heading in enumerate(header) if not batch.mapping.get(heading)}
    extra = bool(batch.options.get("keep_extra")) and batch.register == "units"
    plan = Plan(
        found, places, attributes, tree.points, datum=str(batch.options.get("datum", "wgs84")).lower(),
        keep=keep if extra else {}, secret=options.secret_key,
    )  # fmt: skip
    fields = [*places, *(["attributes"] if attributes else []), *(["extra"] if plan.keep else [])]
    headings = {name: heading for heading, name in batch.mapping.items() if name}
    rows = sum(columns.get_batch(place).num_rows for place in range(columns.num_record_batches))
    issues = Issues(batch.pk, batch.division, headings, MOST_ISSUES)
    return Run(batch, aim, aim.given(fields), plan, tree, issues, about["first_row"], rows, progress)


def _must_suffice(batch: Import, header: list[str]) -> None:
    """Refuse a mapping without the required fields, or with fields the register has not."""
    found = register(batch.register)
    offered = {field.name for field in found.importable()} | set(attribute_fields(batch.register))
    strange = sorted({name for name in batch.mapping.values() if name and name not in offered})
    lacking = guessing.missing(found, batch.mapping)
    if strange or lacking:
        zh, en = (
            "、".join(f.zh for f in lacking) or "、".join(strange),
            ", ".join(f.en for f in lacking) or ", ".join(strange),
        )
        raise Invalid(
            code="import.mapping",
            zh=f"请为必填字段指定文件中的列：{zh}（文件的列：{'、'.join(header[:40])}）。",
            en=f"Say which columns of the file hold: {en} (the file has: {', '.join(header[:40])}).",
            field="mapping",
            value=zh,
        )


def _batches(run: Run, columns: pa.ipc.RecordBatchFileReader) -> None:
    """Check batch after batch here, while another thread writes the one before into the staging table."""
    today = run.tree.today
    kinds = {name: run.plan.register.by_name[name].kind for name in run.plan.fields if not name.startswith(ATTRIBUTE)}
    row = run.first_row
    pending: Future[None] | None = None
    with second_connection() as second, ThreadPoolExecutor(1, "stage") as pool:
        for place in range(columns.num_record_batches):
            batch = columns.get_batch(place)
            wanted = [
                (kind, _texts(batch, run.plan.fields[name])) for name, kind in kinds.items() if kind in REFERENCES
            ]
            taken = take(run.plan, batch, known(run.tree, wanted, today))
            text = {name: batch.column(column) for name, column in run.plan.fields.items()}
            issues = run.issues.rows(taken.faults, text, row)
            body, good, bad = stage_batch(run.target, run.staged_columns, taken, row)
            run.staged, run.bad, row = run.staged + good, run.bad + bad, row + batch.num_rows
            if pending is not None:
                pending.result()
            pending = pool.submit(_write, second, run, body, issues)
            run.progress.done(row - run.first_row)
        if pending is not None:
            pending.result()


def _write(second: psycopg.Connection[Any], run: Run, body: bytes, issues: list[tuple[Any, ...]]) -> None:
    stage_copy(second, run.batch.pk, run.staged_columns, body)
    issues_copy(second, issues)


def _texts(batch: pa.RecordBatch, place: int) -> set[str]:
    return {text.strip() for text in batch.column(place).unique().to_pylist() if text}


def _doubles(run: Run) -> list[tuple[Any, ...]]:
    """Take the second and later rows of one key out of the staging table; the same contents are only told of. A
    person may have a row for each post held: those are neither."""
    stage = stage_name(run.batch.pk)
    posts = "s.post_id IS NOT NULL AND s.post_id IS DISTINCT FROM f.post_id" if run.target.side else "false"
    mine = ", ".join(f's."{column.name}"' for column in run.columns)
    first = ", ".join(f'f."{column.name}"' for column in run.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {stage}")
        cursor.execute(
            f"SELECT s.row, s.key, d.first, ROW({mine}) IS NOT DISTINCT FROM ROW({first}), {posts} FROM"
            f" (SELECT key, min(row) AS first FROM {stage} GROUP BY key HAVING count(*) > 1) d"
            f" JOIN {stage} s ON s.key = d.key AND s.row > d.first JOIN {stage} f ON f.row = d.first ORDER BY s.row"
        )
        rows = cursor.fetchall()
        if rows:
            cursor.execute(f"DELETE FROM {stage} WHERE row = ANY(%s)", [[row[0] for row in rows]])
    run.staged -= len(rows)
    run.bad += sum(not same for *_, same, _ in rows)
    return [
        run.issues.row(row, run.key_field, "key.same_row" if same else "key.twice", key, {"first": at})
        for row, key, at, same, post in rows
        if not (same and post)
    ]


def _held(run: Run) -> list[tuple[Any, ...]]:
    """Set the posts that people are to hold apart, and take out rows that claim one they can't have."""
    found = pairs_stage(run.batch)
    run.staged -= len(found)
    run.bad += len(found)
    return [run.issues.row(row, "post", code, key, {}) for row, key, code in found]


def _elsewhere(run: Run) -> list[tuple[Any, ...]]:
    """Take rows out whose key belongs to a row the importer may not touch: outside the area, or merged into another."""
    stage, table, key = stage_name(run.batch.pk), run.target.table, run.target.key
    merged = "t.merged_into IS NOT NULL" if run.batch.register in ("units", "persons", "places") else "false"
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT s.row, s.key, {merged} FROM {stage} s JOIN {table} t ON t."{key}" = s.key'
            f" WHERE NOT (t.division ^@ ANY(%s)) OR {merged} ORDER BY s.row",
            [run.batch.scope],
        )
        rows = cursor.fetchall()
        if rows:
            cursor.execute(f"DELETE FROM {stage} WHERE row = ANY(%s)", [[row[0] for row in rows]])
    run.staged -= len(rows)
    run.bad += len(rows)
    return [
        run.issues.row(row, run.key_field, "key.merged" if gone else "key.elsewhere", key, {})
        for row, key, gone in rows
    ]


def _would(run: Run) -> tuple[int, int]:
    """Count the rows that applying would add and change now."""
    aim, fields = run.target, sorted({column.field for column in run.columns})
    differs = aim.differs(fields, clear=run.batch.options.get("blank") == "clear")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE t.id IS NULL), count(*) FILTER (WHERE t.id IS NOT NULL AND {differs})"
            f' FROM {stage_name(run.batch.pk)} s LEFT JOIN {aim.table} t ON t."{aim.key}" = s.key'
        )
        new, changed = cursor.fetchone()
    return new, changed


def _counts(run: Run) -> dict[str, int]:
    found = run.issues.counts
    return {
        "rows": run.rows,
        "good": run.staged,
        "bad": run.bad,
        "duplicates": found.get("key.twice", 0) + found.get("key.same_row", 0),
        "issues": sum(found.values()),
    }
