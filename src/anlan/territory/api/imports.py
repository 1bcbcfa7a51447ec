"""Files into registers: sent, mapped, checked, applied, taken back, and watched on the way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from anlan.territory.api.asking import Limit, actor_of
from anlan.territory.api.registers import Named
from anlan.territory.api.schemas import Problem
from anlan.territory.formats.streams import TYPES
from anlan.territory.models import Import
from anlan.territory.selectors import imports as selectors
from anlan.territory.services import imports as services
from anlan.territory.services.imports_preview import import_preview
from anlan.territory.sources.registers import register as described

router = Router()
Text = Annotated[str, Field(max_length=200)]
SHEET: dict[str, Any] = {
    "responses": {
        200: {
            "description": "A workbook.",
            "content": {TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class ImportOut(Schema):
    """One file taken into one register (`name`): its state (uploaded → reading → checked → applying → done; failed, cancelled,
    undoing, undone), counts, and how far the work is."""

    id: UUID
    name: str = Field(alias="register")
    file_name: str
    sha256: str
    bytes: int
    format: str
    mapping: dict[str, Any]
    options: dict[str, Any]
    state: str
    counts: dict[str, Any]
    progress: dict[str, Any]
    error: dict[str, Any] | None
    opened_at: datetime
    checked_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None


class MappingIn(Schema):
    """Which heading is which field ("" for none), how the file is read, and whether to remember it."""

    mapping: dict[Text, Text]
    options: dict[str, str | bool | int] | None = None
    remember: bool = True


class ReasonIn(Schema):
    """Why."""

    reason: Text


class IssuesOut(Schema):
    """A page of what is wrong: row and column as the file has them, value, words and remedy in both languages."""

    rows: list[dict[str, Any]]
    next: int | None


class CountsOut(Schema):
    """How often each thing is wrong."""

    counts: list[dict[str, Any]]


@router.post("/registers/{name}/imports", response={201: ImportOut}, summary="Send a file to be taken into a register")
def import_open(
    request: HttpRequest,
    name: Named,
    file: File[UploadedFile],
    sheet: str = Form("", max_length=200),  # type: ignore[type-arg]
) -> Any:
    """Keep the file (Excel, CSV, Parquet, GeoJSON) and open an import; nothing is read yet. 413 over 32 MB, 422 for a
    form that can't be read, 403 without the act imports.run."""
    options = {"sheet": sheet} if sheet else {}
    source: Any = file.file
    batch = services.import_open(
        by=actor_of(request), register=name, file_name=file.name or "file", source=source, options=options
    )
    return Status(201, batch)


@router.get("/imports", response={200: list[ImportOut]}, summary="Imports, newest first")
def imports(request: HttpRequest, name: str = "", limit: Limit = 50) -> list[Import]:
    """Return the newest imports of the reader's area."""
    return selectors.imports_list(actor_of(request).scope, register=name, limit=limit)


@router.get("/imports/{batch}", response={200: ImportOut}, summary="One import and how far it is")
def import_one(request: HttpRequest, batch: UUID) -> Import:
    """Return one import: state, counts, progress (step, done, total, rate, seconds left)."""
    return selectors.import_get(actor_of(request).scope, batch)


@router.get("/imports/{batch}/preview", response={200: dict[str, Any]}, summary="What the file looks like")
def preview(request: HttpRequest, batch: UUID) -> Any:
    """Return heading, first rows, sheets, and a guess which heading is which field, with how sure it is."""
    return import_preview(actor_of(request).scope, batch)


@router.put("/imports/{batch}/mapping", response={200: ImportOut, 409: Problem}, summary="Say which column is what")
def import_map(request: HttpRequest, batch: UUID, body: MappingIn) -> Import:
    """Set which heading is which field; remembered for this sender's next file. 409 once the import is under way."""
    return services.import_map(
        by=actor_of(request), batch=batch, mapping=body.mapping, options=body.options, remember=body.remember
    )


@router.post("/imports/{batch}/check", response={202: ImportOut, 409: Problem}, summary="Check the file: a dry run")
def check(request: HttpRequest, batch: UUID) -> Any:
    """Have the worker read and check the file and count what applying would do. 409 in a state that doesn't allow it."""
    return Status(202, services.import_check_later(by=actor_of(request), batch=batch))


@router.post("/imports/{batch}/apply", response={202: ImportOut, 409: Problem}, summary="Put the good rows in")
def apply(request: HttpRequest, batch: UUID) -> Any:
    """Have the worker put the good rows of a checked import in, in one transaction. 409 unless it is checked."""
    return Status(202, services.import_apply_later(by=actor_of(request), batch=batch))


@router.post("/imports/{batch}/undo", response={202: ImportOut, 409: Problem}, summary="Take an import back")
def undo(request: HttpRequest, batch: UUID, body: ReasonIn) -> Any:
    """Have the worker take a finished import back; rows changed since stay and are named. 422 without a reason."""
    return Status(202, services.import_undo_later(by=actor_of(request), batch=batch, reason=body.reason))


@router.post("/imports/{batch}/cancel", response={200: ImportOut, 409: Problem}, summary="Let an import go")
def cancel(request: HttpRequest, batch: UUID) -> Import:
    """Let an import go that was not applied; what was staged is removed."""
    return services.import_cancel(by=actor_of(request), batch=batch)


@router.get("/imports/{batch}/issues", response={200: IssuesOut}, summary="What is wrong, row by row")
def issues(
    request: HttpRequest,
    batch: UUID,
    after: Annotated[int, Field(ge=0, lt=2**62)] = 0,
    limit: Limit = 100,
    code: Text = "",
) -> dict[str, Any]:
    """Return issues in the order of the file's rows, each with row, column, value, what is wrong and the remedy."""
    return vars(selectors.import_issues(actor_of(request).scope, batch, after=after, limit=limit, code=code))


@router.get("/imports/{batch}/issues/counts", response={200: CountsOut}, summary="How often what is wrong")
def issue_counts(request: HttpRequest, batch: UUID) -> dict[str, Any]:
    """Return each kind of issue with how often it came, most frequent first."""
    return {"counts": selectors.issue_counts(actor_of(request).scope, batch)}


@router.get("/imports/{batch}/bad-rows.xlsx", openapi_extra=SHEET, summary="A file of just the bad rows")
def bad_rows(request: HttpRequest, batch: UUID) -> FileResponse:
    """Return the rows with faults as they came, with a column of reasons; to be mended and sent again."""
    path = selectors.bad_rows_file(actor_of(request).scope, batch)
    return FileResponse(path.open("rb"), content_type=TYPES["xlsx"], as_attachment=True, filename="bad-rows.xlsx")


@router.get("/registers/{name}/template.xlsx", openapi_extra=SHEET, summary="An empty file to fill in")
def template(request: HttpRequest, name: Named, language: Literal["zh", "en"] = "zh") -> HttpResponse:
    """Return an empty workbook for a register: headings, choices, hints, an example."""
    body = selectors.template(described(name), language)
    names = {"Content-Disposition": f'attachment; filename="{name}-{language}.xlsx"'}
    return HttpResponse(body, content_type=TYPES["xlsx"], headers=names)
