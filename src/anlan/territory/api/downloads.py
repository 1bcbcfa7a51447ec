"""Whole registers as files, streamed as they are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router
from pydantic import Field

from anlan.kernel import clock
from anlan.kernel.language import chinese
from anlan.territory.api.asking import actor_of, filter_parameters, query_read
from anlan.territory.api.registers import Named
from anlan.territory.formats.streams import TYPES
from anlan.territory.services.exports import export_open, export_stream
from anlan.territory.sources.registers import register

router = Router()
OWN = ("format", "columns", "unmasked", "reason")
Format = Literal["csv", "geojson", "parquet", "xlsx"]
FILES: dict[str, Any] = {
    "x-right": "territory.bulk",
    "parameters": filter_parameters(),
    "responses": {
        200: {
            "description": "The file, streamed; X-Export is its number in the journal.",
            "content": {
                kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()
            },
        }
    },
}


@router.get("/registers/{name}/download", openapi_extra=FILES, summary="A whole register as a file")
def download(
    request: HttpRequest,
    name: Named,
    format: Format = "csv",
    q: str = "",
    bbox: str = "",
    columns: str = "",
    unmasked: bool = False,
    reason: Annotated[str, Field(max_length=200)] = "",
) -> StreamingHttpResponse:
    """Return the rows of the reader's area under the same words and filters as the list. Every file carries a watermark
    (who, when, by which token) and is written in the journal. Names and telephones are masked; `unmasked=true` gives
    them in full to those who may see them in the whole area, with a `reason`."""
    who, found = actor_of(request), register(name)
    query = query_read(found, request.GET, OWN)
    wanted = [part.strip() for part in columns.split(",") if part.strip()]
    export = export_open(
        by=who, register=name, query=query, format=format, columns=wanted or None, unmasked=unmasked, reason=reason
    )
    response = StreamingHttpResponse(export_stream(who.scope, export, chinese=chinese()), content_type=TYPES[format])
    file = f"{found.zh if chinese() else found.name}-{clock.now():%Y%m%d}.{format}"
    response["Content-Disposition"] = f"attachment; filename=\"{found.name}.{format}\"; filename*=UTF-8''{quote(file)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Export"] = str(export.id)
    return response
