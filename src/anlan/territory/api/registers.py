"""Any register by name: what it holds, its rows page by page, one row, and counts by value."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from anlan.kernel.answers import json_answer
from anlan.kernel.problem import Invalid
from anlan.territory import choices
from anlan.territory.api.asking import Limit, actor_of, filter_parameters, may_anywhere, query_read
from anlan.territory.api.schemas import FacetsOut, RegisterOut, RowOut, RowsOut
from anlan.territory.engine import register as description
from anlan.territory.selectors.finding import register_facets, register_get, register_page
from anlan.territory.sources.registers import NAMES, register, registers

router = Router()
Named = Annotated[str, Field(json_schema_extra={"enum": list(NAMES)})]
Key = Annotated[str, Field(min_length=1, max_length=200)]
After = Annotated[str, Field(max_length=800)]
FILTERS = {"parameters": filter_parameters()}
OWN = ("limit", "after", "columns", "field")


@router.get("/registers", response={200: list[RegisterOut]}, summary="The registers and their fields")
def register_list(request: HttpRequest) -> list[dict[str, Any]]:
    """Return each register with its fields, their labels, kinds and limits: what lists, forms and files go by."""
    return [_register(found) for found in registers()]


@router.get("/registers/{name}", response={200: RegisterOut}, summary="One register and its fields")
def register_one(request: HttpRequest, name: Named) -> dict[str, Any]:
    """Return one register with its fields."""
    return _register(register(name))


@router.get(
    "/registers/{name}/rows", response={200: RowsOut}, summary="Rows of a register, by page", openapi_extra=FILTERS
)
def rows(
    request: HttpRequest,
    name: Named,
    q: str = "",
    bbox: str = "",
    sort: str = "",
    after: After = "",
    limit: Limit = 50,
    columns: str = "",
) -> HttpResponse:
    """Return rows in the reader's area: those that hold the words `q` (name, code, pinyin initials; a telephone's last
    digits for those who may), have the filters' values, lie in `bbox` (west,south,east,north). `sort`: a field, "-"
    before it for descending. `columns`: field names with commas between. Give `next` as `after` for the next page."""
    who, found = actor_of(request), register(name)
    query = query_read(found, request.GET, OWN)
    page = register_page(
        who.scope,
        name,
        query,
        after=after,
        limit=limit,
        columns=_columns(columns),
        digits=may_anywhere(who, "person.unmask"),
    )
    body = {
        "rows": page.rows,
        "total": page.total,
        "next": page.next,
        "previous": page.previous,
        "as_of": page.as_of,
        "behind": page.behind,
    }
    return json_answer(request, body)


@router.get("/registers/{name}/rows/{key}", response={200: RowOut}, summary="One row of a register")
def row(request: HttpRequest, name: Named, key: Key) -> HttpResponse:
    """Return one row by its id or natural key (a unit's credit code, a place's or post's code). 404 outside the area."""
    return json_answer(request, {"row": register_get(actor_of(request).scope, name, key)})


@router.get(
    "/registers/{name}/facets", response={200: FacetsOut}, summary="How many rows have which value",
    openapi_extra=FILTERS,
)  # fmt: skip
def facets(request: HttpRequest, name: Named, field: str, q: str = "", bbox: str = "") -> HttpResponse:
    """Return value → number of rows under the same words and filters as the list; the field's own filter is left out.
    Divisions and industries are counted one level below what is filtered by."""
    found = register(name)
    item = found.by_name.get(field)
    if item is None or item.index != "filter":
        known = [each.name for each in found.fields if each.index == "filter"]
        raise Invalid(
            code="territory.no_facet",
            zh=f"“{field[:64]}”不能计数；可用：{'、'.join(known)}。",
            en=f"“{field[:64]}” can't be counted; take one of: {', '.join(known)}.",
            field="field",
            value=field,
        )
    counts = register_facets(actor_of(request).scope, name, query_read(found, request.GET, OWN), field)
    return json_answer(request, {"field": field, "counts": counts})


def _columns(text: str) -> list[str] | None:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))[:64] or None


def _register(found: description.Register) -> dict[str, Any]:
    return {
        "name": found.name,
        "label": {"zh": found.zh, "en": found.en},
        "key": list(found.key),
        "point": found.point,
        "fields": [_field(item) for item in found.fields],
    }


def _field(item: description.Field) -> dict[str, Any]:
    table = getattr(choices, item.choices) if item.choices else None
    return {
        "name": item.name,
        "label": {"zh": item.zh, "en": item.en},
        "kind": item.kind,
        "required": item.required,
        "sensitive": item.sensitive,
        "importable": item.importable,
        "filter": item.index in ("filter", "code"),
        "unit": item.unit,
        "choices": [{"code": str(c.code), "zh": c.zh, "en": c.en} for c in table.values()] if table else None,
        "least": item.least,
        "most": item.most,
        "most_chars": item.most_chars or None,
        "hint": {"zh": item.hint_zh, "en": item.hint_en},
    }
