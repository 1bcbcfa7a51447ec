"""Rows of the registers entered, changed, closed and put back, checked exactly as a form's and a file's are.

The routes are laid on the registers' own router: one address, read and written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema, Status
from pydantic import Field

from anlan.kernel.problem import Invalid, NotFound
from anlan.territory.api.asking import actor_of
from anlan.territory.api.registers import Key, Named, router
from anlan.territory.api.schemas import Problem
from anlan.territory.pages.writing import WRITERS, Writer
from anlan.territory.selectors.finding import register_get
from anlan.territory.services.versions import version_of
from anlan.territory.sources.place_columns import attribute_fields
from anlan.territory.sources.registers import register

Text = Annotated[str, Field(max_length=1000)]
Values = Annotated[dict[Annotated[str, Field(max_length=64)], Text], Field(min_length=1, max_length=100)]


class RowIn(Schema):
    """Field → what is written in it, as in a form or file; `attributes.NAME` for those of a place's kind."""

    values: Values


class ChangeIn(RowIn):
    """The fields to change; `seen`: the version the change was made from, 409 when the row has moved on since."""

    seen: Annotated[str, Field(max_length=32)] | None = None


class ActIn(Schema):
    """Why."""

    reason: Annotated[str, Field(max_length=200)] = ""


class SavedOut(Schema):
    """The row that was written: its id, its version (for `seen`), and what is doubtful in it but may stand."""

    id: UUID
    version: str
    doubts: list[dict[str, Any]]


class DoneOut(Schema):
    """What was done, in words."""

    words: str


@router.post("/registers/{name}/rows", response={201: SavedOut, 409: Problem}, summary="Enter a row")
def row_enter(request: HttpRequest, name: Named, body: RowIn) -> Any:
    """Enter a row. 422 names every fault of every field with its remedy (`faults`), 409 when the key is taken, 403
    without the register's act in the row's division."""
    writer = _writer(name)
    _must_be_fields(name, body.values)
    key, doubts = writer.save(by=actor_of(request), texts=body.values, row=None, seen=None)
    return Status(201, _saved(writer, key, doubts))


@router.patch("/registers/{name}/rows/{key}", response={200: SavedOut, 409: Problem}, summary="Change a row")
def row_change(request: HttpRequest, name: Named, key: Key, body: ChangeIn) -> dict[str, Any]:
    """Change some fields of a row by id or key; the others stay. What was there before is kept. 409 when `seen` is not
    the row's version any more."""
    who, writer = actor_of(request), _writer(name)
    _must_be_fields(name, body.values)
    row = register_get(who.scope, name, key)
    texts = dict(body.values)
    if name in ("persons", "posts"):  # their services take the whole row
        texts = writer.texts(writer.read(UUID(row["_id"])), row) | texts
    saved, doubts = writer.save(by=who, texts=texts, row=UUID(row["_id"]), seen=body.seen)
    return _saved(writer, saved, doubts)


@router.post(
    "/registers/{name}/rows/{key}/{act}", response={200: DoneOut, 409: Problem}, summary="Close a row, or put it back"
)  # fmt: skip
def row_act(request: HttpRequest, name: Named, key: Key, act: str, body: ActIn) -> dict[str, str]:
    """Do a further act: `close` (with a reason; the row stays in the register) or `undo` (take back one's own last
    change). 404 for a register that has no such act, 409 when it can't be done any more."""
    who, writer = actor_of(request), _writer(name)
    row = register_get(who.scope, name, key)
    return {"words": str(writer.act(act, by=who, row=UUID(row["_id"]), reason=body.reason))}


def _writer(name: str) -> Writer:
    if name not in WRITERS:
        raise NotFound(
            code="territory.not_by_hand",
            zh=f"名册“{name}”不能逐条录入；可用：{'、'.join(WRITERS)}。",
            en=f"Rows of “{name}” are not entered one by one; take one of: {', '.join(WRITERS)}.",
            field="name",
            value=name,
        )
    return WRITERS[name]


def _must_be_fields(name: str, values: Mapping[str, str]) -> None:
    """Refuse a name that is no field of the register which can be written."""
    known = {item.name for item in register(name).importable()} | set(attribute_fields(name))
    for field in values:
        if field not in known:
            raise Invalid(
                code="territory.no_field",
                zh=f"名册“{register(name).zh}”没有可填写的字段“{field}”；可用：{'、'.join(sorted(known))}。",
                en=f"{register(name).en} have no field “{field}” to write; take one of: {', '.join(sorted(known))}.",
                field=field,
                value=values[field],
            )


def _saved(writer: Writer, key: str, doubts: list[dict[str, str]]) -> dict[str, Any]:
    return {"id": key, "version": version_of(writer.read(UUID(key))), "doubts": doubts}
