"""REST routes of the relief stage. Every read is within the reader's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.relief import selectors
from anlan.relief.choices import SEASONS
from anlan.relief.sources import norms
from anlan.territory.api.asking import Limit, actor_of, code_checked, unknown
from anlan.territory.api.schemas import REFUSED, Coded
from anlan.territory.choices import Choice

router = Router(tags=["relief"])


class LotOut(Schema):
    """A lot of one item in one depot (a place of the territory)."""

    code: str
    depot: str
    item: Coded
    quantity: int
    unit: str
    holding: Coded
    state: Coded
    produced_on: date | None
    expires_on: date | None
    division: str


class CoverageOut(Schema):
    """For how many people stock suffices, which item is the least, and what each item suffices for."""

    people: int
    least: str
    by_item: dict[str, int]


@router.get("/stock", response={200: list[LotOut], **REFUSED}, summary="Lots of relief stock")
def stock(
    request: HttpRequest, item: str = "", division: str = "", after: str = "", limit: Limit = 100
) -> list[dict[str, Any]]:
    """Return lots in code order, those after the code `after`, within the reader's area. 422 for an item the norms don't
    name or a division code that is none."""
    items = {norm.code: Choice(norm.code, norm.zh, norm.en) for norm in norms()[1]}
    if item and item not in items:
        raise unknown("item", item, items)
    scope = actor_of(request).scope
    return selectors.stock_list(scope, item=item, division=code_checked(division), after=after, limit=limit)


@router.get("/coverage", response={200: CoverageOut, **REFUSED}, summary="For how many people stock suffices")
def coverage(request: HttpRequest, division: str = "", season: str = "") -> dict[str, Any]:
    """Return the least over the items of what the available stock serves, by the norms. `season`: summer or winter,
    empty: all items count. 422 for another season."""
    if season and season not in SEASONS:
        raise unknown("season", season, SEASONS)
    scope = actor_of(request).scope
    return selectors.coverage(scope, division=code_checked(division), season=season)._asdict()
