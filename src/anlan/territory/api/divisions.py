"""Divisions: one with all that is known of it, what lies below, what became of a code, and where a point lies."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from anlan.kernel.answers import json_answer
from anlan.territory.api.asking import actor_of, code_checked
from anlan.territory.api.inside import Lat, Lon
from anlan.territory.selectors.division_tree import division_now, division_page, division_rows
from anlan.territory.selectors.divisions import point_locate

router = Router()
Code = Annotated[str, Field(min_length=2, max_length=12)]


class LocatedOut(Schema):
    """Where a point lies: `code` by outline, for sure; `estimate` by the nearest seat below it, `km` away."""

    code: str
    estimate: str
    km: float | None


@router.get("/divisions/{code}", response={200: dict[str, Any]}, summary="One division")
def division(request: HttpRequest, code: Code) -> HttpResponse:
    """Return a division with its path, both parents, counts of what lies inside, outline facts, and what lists have done
    to its code. 404 for an unknown code, 422 for one that can't be."""
    return json_answer(request, division_page(actor_of(request).scope, code_checked(code)))


@router.get("/divisions/{code}/children", response={200: list[dict[str, Any]]}, summary="The divisions right below")
def children(
    request: HttpRequest, code: Code, legal: bool = False, on: date | None = None, former: bool = False
) -> HttpResponse:
    """Return the divisions right below one, within the reader's area or above it. `legal`: below by law instead of by the
    statistical code; `on`: as in force that day; `former`: those that are no more, too."""
    rows = division_rows(actor_of(request).scope, code_checked(code), legal=legal, on=on, former=former)
    return json_answer(request, rows)


@router.get("/divisions/{code}/now", response={200: list[str]}, summary="What a code lives on as")
def now(request: HttpRequest, code: Code) -> HttpResponse:
    """Return the codes in force that a code lives on as: itself, its successor, the parts of a split; none when it was
    abolished or never was."""
    return json_answer(request, list(division_now(code_checked(code))))


@router.get("/locate", response={200: LocatedOut}, summary="The division a point lies in")
def locate(request: HttpRequest, lon: Lon, lat: Lat, on: date | None = None) -> HttpResponse:
    """Return the division a point lies in, down to the lowest outline; below that a guess from the nearest seat, and
    said to be one."""
    return json_answer(request, point_locate(lon, lat, on)._asdict())
