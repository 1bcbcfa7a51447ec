"""Relief stock: coverage is the least over the items; generated stock suffices for exactly the number asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict
from anlan.kernel.scope import Scope
from anlan.relief.engine.coverage import covered, needed, stock_make
from anlan.relief.models import StockItem
from anlan.relief.selectors import coverage, stock_list
from anlan.relief.services import stock_generate
from anlan.relief.sources import norms
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Place
from anlan.territory.services import generate

SYSTEM = Actor.system("tests")
DAY = date(2026, 11, 1)
NORMS = norms()[1]


@given(st.integers(1, 200_000), st.integers(0, 3))
def test_what_is_needed_suffices_and_one_less_does_not(people: int, which: int) -> None:
    norm = NORMS[which]
    quantity = needed(norm, people)
    assert covered([norm], {norm.code: quantity}).people >= people
    assert covered([norm], {norm.code: quantity - 1}).people < people


def test_coverage_is_the_least_and_names_the_item() -> None:
    stock = {norm.code: needed(norm, 1000) for norm in NORMS}
    assert covered(NORMS, stock).people == 1000
    short = covered(NORMS, stock | {"water": 900})
    assert (short.people, short.least) == (100, "water")
    assert covered(NORMS, {**stock, "coat": 0}, "summer").people == 1000
    assert covered(NORMS, {**stock, "coat": 0}, "winter").people == 0
    assert covered([], {}).people == 0


@pytest.mark.parametrize("people", [40_000, 500, 7])
def test_stock_is_made_for_exactly_so_many(people: int) -> None:
    made = stock_make(7, people, NORMS, [("D1", "410102001"), ("D2", "410181100")], DAY)
    stock: dict[str, int] = {}
    for lot in made:
        stock[lot.item] = stock.get(lot.item, 0) + lot.quantity
    assert len({lot.code for lot in made}) == len(made)
    assert all(lot.expires_on > DAY for lot in made)
    for season in ("", "summer", "winter"):
        assert covered(NORMS, stock, season).people == people


@pytest.mark.django_db
def test_coverage_in_the_database_minds_scope_state_and_expiry(django_assert_num_queries: Any) -> None:
    generate("tiny", 7)
    with pytest.raises(Conflict) as refused:
        stock_generate(by=SYSTEM, root="4101", people=100, seed=7, as_of=DAY)
    assert refused.value.code == "relief.no_depot"
    _depots()
    lots = stock_generate(by=SYSTEM, root="4101", people=4000, seed=7, as_of=DAY)
    assert lots == StockItem.objects.count() == Entry.objects.get(kind="stock.laid").data["lots"]
    with django_assert_num_queries(1):
        assert coverage(Scope.whole()).people == 4000
    assert coverage(Scope(("410181",))).people < 4000
    assert coverage(Scope(("3717",))).people == 0
    assert coverage(Scope.whole(), on=date(2050, 1, 1)).people == 0
    with django_assert_num_queries(1):
        rows = stock_list(Scope(("410181",)), item="tent")
    assert {row["item"]["zh"] for row in rows} == {"帐篷"}
    StockItem.objects.filter(item="tent").update(state="used")
    assert coverage(Scope.whole()).people == 0


def _depots() -> None:
    for division in ("410102002", "410181100"):
        code = f"D{division}.01"
        Place.objects.create(id=stable_id("place", code), code=code, kind="depot", name_zh="应急物资库", name_en="Depot",
                             lon=113, lat=34, division=division)  # fmt: skip
