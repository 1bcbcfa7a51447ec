"""What the routes of the territory answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    """A refusal: what is wrong and how to mend it, in both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    field: str | None = None
    value: str | None = None


class Name(Schema):
    """A name in both languages."""

    zh: str
    en: str


class Coded(Name):
    """A code of a list with its label."""

    code: str


class DivisionOut(Schema):
    """A division; `estimated` tells that its point is no surveyed place, `population_src` where the figure is from."""

    code: str
    name: Name
    level: int
    kind: Coded
    functional_zone: bool
    legal_parent: str | None
    lon: float | None
    lat: float | None
    estimated: bool
    population: int | None
    population_src: str


class PlaceOut(Schema):
    """A place where people can come to harm; `attributes` by kind, `mark: G` in them means an assumption."""

    id: UUID
    code: str
    kind: Coded
    name: Name
    lon: float
    lat: float
    estimated: bool
    division: str
    organisation: Name | None
    attributes: dict[str, Any]


class HolderOut(Schema):
    """Who holds a post, telephone masked."""

    holder: str
    person: UUID
    name: str
    phone: str


class PostOut(Schema):
    """A post with its holders. `vacant`: nobody holds it as A; null above the reader's area."""

    id: UUID
    code: str
    name: Name
    role: Coded
    division: str
    place: str | None
    superior: str | None
    holders: list[HolderOut]
    vacant: bool | None


class PersonOut(Schema):
    """A person with the telephone in full."""

    id: UUID
    name: str
    phone: str


class Reason(Schema):
    """Why the full number is needed."""

    reason: str = Field(max_length=200)


class FieldOut(Schema):
    """One field of a register: what it is called, what it holds, whether it is masked and can be filtered by."""

    name: str
    label: Name
    kind: str
    required: bool
    sensitive: bool
    importable: bool
    filter: bool
    unit: str
    choices: list[Coded] | None
    least: float | None
    most: float | None
    most_chars: int | None
    hint: Name


class RegisterOut(Schema):
    """A register: its name, what makes a row's key, and its fields."""

    name: str
    label: Name
    key: list[str]
    point: bool
    fields: list[FieldOut]


class RowsOut(Schema):
    """One page of a register's rows, personal data masked.

    A row: `_id`, its fields by name, `_division` and `_<field>` the names of what it refers to. `next` and `previous`
    are what to give as `after`. `as_of`: how fresh; `behind`: rows written since may be missing.
    """

    rows: list[dict[str, Any]]
    total: int
    next: str | None
    previous: str | None
    as_of: datetime
    behind: bool


class RowOut(Schema):
    """One row of a register, personal data masked; `_kept`: how many of its earlier versions are kept."""

    row: dict[str, Any]


class FacetsOut(Schema):
    """How many rows have which value of a field."""

    field: str
    counts: dict[str, int]


REFUSED = {401: Problem, 403: Problem, 404: Problem, 422: Problem}
