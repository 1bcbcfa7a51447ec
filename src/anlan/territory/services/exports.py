"""Registers leaving the house as files: who takes what and why is decided and written down before the first byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db import transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.engine.mask_columns import masked_batch
from anlan.territory.engine.query import Query
from anlan.territory.events import RegisterExported
from anlan.territory.formats.excel_out import MOST_ROWS
from anlan.territory.formats.streams import STREAMS
from anlan.territory.selectors.finding import arrow_type, register_batches, register_page
from anlan.territory.services.reaching import reason_given
from anlan.territory.sources.registers import register as described

ACT = "register.export"


@dataclass(frozen=True)
class Export:
    """One file that was allowed: what is in it, and the words printed on it. `rows`: how many there were then."""

    id: UUID
    register: str
    format: str
    query: Query
    columns: tuple[str, ...]
    unmasked: bool
    mark: str
    rows: int


def export_columns(name: str, wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the columns of a file: those wanted, else all that are exported. Invalid for one that never leaves."""
    found = described(name)
    known = [item.name for item in found.fields if item.exported and item.kind != "citizen"]
    for column in wanted or ():
        if column not in known:
            raise Invalid(
                code="territory.not_exported",
                zh=f"字段“{column[:64]}”不能导出；可用：{'、'.join(known)}。",
                en=f"The field “{column[:64]}” is not exported; take one of: {', '.join(known)}.",
                field="columns",
                value=column,
            )
    return tuple(wanted or known)


@transaction.atomic
def export_open(
    *,
    by: Actor,
    register: str,
    query: Query,
    format: str,
    columns: Sequence[str] | None = None,
    unmasked: bool = False,
    reason: str = "",
) -> Export:
    """Allow a file and journal it: register, filters, rows, who, when, by which token.

    Forbidden without the act register.export (a token needs territory.bulk), and for names and telephones in full without person.unmask in the
    whole area; Invalid without a reason for those, for a column that never leaves, or for more rows than a sheet holds.
    """
    for prefix in by.scope.prefixes:
        by.must(ACT, prefix)
    chosen = export_columns(register, columns)
    if unmasked:
        for prefix in by.scope.prefixes:
            by.must("person.unmask", prefix)
        reason = reason_given(reason)
    rows = register_page(by.scope, register, query, limit=1, columns=["division"]).total
    if format == "xlsx" and rows > MOST_ROWS:
        raise Invalid(
            code="territory.too_many_for_excel",
            zh=f"共{rows}行，超过Excel的{MOST_ROWS}行；请筛选，或改用CSV、Parquet。",
            en=f"{rows} rows are more than Excel's {MOST_ROWS}; filter them, or take CSV or Parquet.",
            field="format",
            value=format,
        )
    file = ids.new_id()
    event = RegisterExported(
        register=register,
        file=file,
        format=format,
        rows=rows,
        where=_words(query),
        unmasked=unmasked,
        reason=reason,
    )
    record(event, by=by, about=f"export:{file}", division=by.scope.prefixes[0] if by.scope.prefixes else "")
    return Export(file, register, format, query, chosen, unmasked, _mark(by, file), rows)


def export_stream(scope: Scope, export: Export, *, chinese: bool = True) -> Iterator[bytes]:
    """Yield the file's bytes. Rows are read as they go out, masked unless the export says otherwise."""
    found = described(export.register)
    schema = pa.schema([(name, arrow_type(found.by_name[name])) for name in export.columns])
    batches = register_batches(scope, export.register, export.query, export.columns)
    if not export.unmasked:
        batches = (masked_batch(found, batch) for batch in batches)
    return STREAMS[export.format](schema, batches, export.mark, found.zh if chinese else found.en)


def _mark(by: Actor, file: UUID) -> str:
    """Return the watermark: who, by which token, when, and the file's number in the journal."""
    moment = clock.now().astimezone(ZoneInfo(str(options.time_zone)))
    who = by.name + (f"（{by.token}）" if by.token else "")
    return f"安澜 {who} {moment:%Y-%m-%d %H:%M} {file}"


def _words(query: Query) -> dict[str, str]:
    """Return a query as the journal keeps it."""
    found = {name: ",".join(values) for name, values in query.filters.items()}
    found |= {name: "/".join(".." if end is None else str(end) for end in ends) for name, ends in query.between.items()}
    if query.q:
        found["q"] = query.q
    if query.bbox is not None:
        found["bbox"] = ",".join(map(str, query.bbox))
    if query.area is not None:
        found["area"] = type(query.area).__name__
    return found
