"""What the mapping page shows: header, first rows, what each column is taken for and how sure that is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine import mapping as guessing
from anlan.territory.formats import excel_peek
from anlan.territory.models import Import
from anlan.territory.services.imports_check import mapping_of
from anlan.territory.sources.home import columns_of, file_of, open_columns
from anlan.territory.sources.place_columns import attribute_headings
from anlan.territory.sources.reading import about_of, read_file
from anlan.territory.sources.registers import register

SHOWN = 20


def import_preview(scope: Scope, batch: UUID) -> dict[str, Any]:
    """Return {header, rows (the first 20), header_row, mapping {heading: field}, sure {heading: 0..1}, remembered,
    sheets}. NotFound outside the scope; Invalid when the file can't be read."""
    found: Import | None = scope.filter(Import.objects.filter(pk=batch)).first()
    if found is None:
        raise NotFound(
            code="import.none", zh="没有这个导入批次；请核对编号。", en="There is no such import; check its id.",
            field="batch", value=batch,
        )  # fmt: skip
    seen = _peeked(found) or _read(found)
    header = seen["header"]
    guesses = guessing.guess(register(found.register), header, attribute_headings(found.register))
    mapping = mapping_of(found, header)
    sure = {name: guesses[name].sure if guesses[name].field == mapping[name] else 1.0 for name in header}
    return {**seen, "mapping": mapping, "sure": sure, "remembered": mapping != {n: g.field for n, g in guesses.items()}}


def _peeked(batch: Import) -> dict[str, Any] | None:
    if batch.format != "xlsx":
        return None
    seen = excel_peek.peek(file_of(batch.sha256), sheet=str(batch.options.get("sheet", "")))
    if seen is None or not seen[0]:
        return None
    rows, sheets = seen
    asked = batch.options.get("header_row")
    at = int(asked) - 1 if asked else guessing.header_row(register(batch.register), rows)
    at = min(max(at, 0), len(rows) - 1)
    return {
        "header": guessing.distinct(rows[at]),
        "rows": _plain(rows[at + 1 :]),
        "header_row": at + 1,
        "sheets": sheets,
    }


def _read(batch: Import) -> dict[str, Any]:
    """Formats that can't be peeked into are read whole, in a process of its own; the check then needs not."""
    path = columns_of(batch.pk)
    columns = open_columns(path)
    if columns is None:
        read_file(
            file_of(batch.sha256), path, register=batch.register, kind=batch.format, options=batch.options,
            memory_mb=int(options.import_memory_mb),
        )  # fmt: skip
        columns = open_columns(path)
    if columns is None or columns.num_record_batches == 0:
        about = about_of(columns) if columns is not None else {"header": [], "header_row": 1}
        return {"header": about["header"], "rows": [], "header_row": about["header_row"], "sheets": []}
    about = about_of(columns)
    first = columns.get_batch(0).slice(0, SHOWN)
    rows = [[row[name] for name in first.schema.names] for row in first.to_pylist()]
    return {"header": about["header"], "rows": _plain(rows), "header_row": about["header_row"], "sheets": []}


def _plain(rows: list[list[str | None]]) -> list[list[str]]:
    return [[(cell or "")[:200] for cell in row] for row in rows if any(row)][:SHOWN]
