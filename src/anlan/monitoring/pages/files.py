"""Tables of monitoring leaving the house as CSV or Excel; each file says who took it and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from django.http import StreamingHttpResponse

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.clock import BEIJING
from anlan.kernel.problem import NotFound
from anlan.territory.formats.streams import STREAMS, TYPES

FORMS = ("csv", "xlsx")
BATCH = 2000
Rows = Iterable[Sequence[Any]]


def table_file(
    who: Actor, form: str, name: str, columns: Sequence[tuple[str, pa.DataType]], rows: Rows
) -> StreamingHttpResponse:
    """Return rows as a file to download; NotFound for a form that is not written here.

    The rows must be read already: the reader's scope ends with the request, before the last byte goes out.
    """
    if form not in FORMS:
        raise NotFound(
            code="file.form", zh=f"没有“{form}”这种格式；请用 csv 或 xlsx。",
            en=f"There is no form “{form}”; take csv or xlsx.", field="form", value=form,
        )  # fmt: skip
    schema = pa.schema(list(columns))
    mark = f"{who.name} {clock.now().astimezone(BEIJING):%Y-%m-%d %H:%M}"
    body = STREAMS[form](schema, _batches(schema, rows), mark, name[:31])
    answer = StreamingHttpResponse(body, content_type=TYPES[form])
    stamp = f"{clock.now().astimezone(BEIJING):%Y%m%d-%H%M}"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{stamp}.{form}')}"
    return answer


def local(at: datetime | None) -> str | None:
    """Return a time as it stands in a file: ISO 8601 with Beijing's offset."""
    return None if at is None else at.astimezone(BEIJING).isoformat(timespec="seconds")


def _batches(schema: pa.Schema, rows: Rows) -> Iterator[pa.RecordBatch]:
    part: list[Sequence[Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            yield _batch(schema, part)
            part = []
    if part:
        yield _batch(schema, part)


def _batch(schema: pa.Schema, rows: list[Sequence[Any]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
