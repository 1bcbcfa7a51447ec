"""What is inside an area: counts, sums, rows and the nearest, against looking at every row."""

from __future__ import annotations

import random
import shutil

import numpy as np
import pytest
from django.db.models import Sum
from shapely.geometry import Point, box

from anlan.kernel.scope import Scope
from anlan.territory.engine.area import area_of, circle
from anlan.territory.engine.sphere import great_circle_km
from anlan.territory.models import Place, Unit
from anlan.territory.selectors.inside import inside, inside_rows, nearest
from anlan.territory.services.snapshots import snapshot_build
from anlan.territory.sources.snapshot_files import snapshots_home
from tests.territory.register_rows import divisions_lay, places_lay, units_lay, units_stir

WHOLE, COUNTY = Scope.whole(), Scope(("371702",))
AREAS = [
    area_of(box(115.2, 35.1, 115.8, 35.6)),
    circle(115.5, 35.5, 30),
    area_of(Point(115.4, 35.4).buffer(0.3)),
    area_of(box(1, 1, 2, 2)),
]


@pytest.fixture(params=["database", "index", "index and writes"])
def laid(transactional_db, request):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    divisions_lay()
    units_lay(250)
    places_lay(80)
    if request.param != "database":
        snapshot_build("units")
        snapshot_build("places")
    if request.param == "index and writes":
        units_stir(random.Random(3), 20)
        for place in Place.objects.order_by("code")[:15]:
            place.state, place.lon = "active", place.lon + 0.1
            place.attributes = {"pupils": 11}
            place.save()


def by_brute_force(rows, area, scope):
    rows = [row for row in rows if row.lon is not None and scope.covers(row.division)]
    hit = area.covers(np.array([row.lon for row in rows]), np.array([row.lat for row in rows]))
    return [row for row, there in zip(rows, hit, strict=True) if there]


@pytest.mark.parametrize("scope", [WHOLE, COUNTY])
def test_counts_and_sums(laid, scope):
    for area in AREAS:
        found = inside(scope, area)
        units = [
            row
            for row in by_brute_force(Unit.objects.filter(merged_into__isnull=True), area, scope)
            if row.status != "closed"
        ]
        places = [row for row in by_brute_force(Place.objects.all(), area, scope) if row.state == "active"]
        for name, rows, kind in (
            ("units", units, lambda row: row.industry[:1]),
            ("places", places, lambda row: row.kind),
        ):
            wanted: dict[str, int] = {}
            for row in rows:
                wanted[kind(row)] = wanted.get(kind(row), 0) + 1
            assert found.counts[name] == wanted
        assert found.sums["units"]["staff"] == sum(row.staff or 0 for row in units)
        pupils = [row.attributes.get("pupils", 0) for row in places]
        assert found.sums["places"]["pupils"] == sum(n for n in pupils if isinstance(n, int))
        assert not found.behind


def test_rows_are_those_of_the_list(laid):
    found, after = [], ""
    while True:
        page = inside_rows(COUNTY, AREAS[0], "units", after=after, limit=9)
        found += [row["key"] for row in page.rows]
        if page.next is None:
            break
        after = page.next
    rows = by_brute_force(Unit.objects.filter(merged_into__isnull=True).order_by("division", "key"), AREAS[0], COUNTY)
    assert found == [row.key for row in rows]
    assert page.total == len(rows)


@pytest.mark.parametrize("scope", [WHOLE, COUNTY])
def test_the_nearest(laid, scope):
    found = nearest(scope, "places", 115.3, 35.4, 6, kinds=("school", "reservoir"))
    rows = [
        row
        for row in Place.objects.filter(state="active", kind__in=("school", "reservoir"))
        if scope.covers(row.division)
    ]
    km = great_circle_km(np.array([row.lon for row in rows]), np.array([row.lat for row in rows]), 115.3, 35.4)
    assert [row["_km"] for row in found] == pytest.approx(sorted(km.tolist())[:6])
    assert [row["code"] for row in found] == [rows[at].code for at in np.argsort(km)[:6]]
    assert len(nearest(scope, "units", 115.3, 35.4, 1000, max_km=15.0)) == sum(
        1 for row in by_brute_force(Unit.objects.filter(merged_into__isnull=True), circle(115.3, 35.4, 15.0), scope)
        if row.status != "closed"
    )  # fmt: skip


def test_counting_asks_the_database_once_for_each_register(transactional_db, django_assert_num_queries):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    divisions_lay()
    units_lay(100)
    places_lay(20)
    for name in ("units", "places"):
        snapshot_build(name)
    inside(WHOLE, AREAS[0])
    with django_assert_num_queries(2):
        found = inside(WHOLE, AREAS[1])
    assert found.sums["units"]["staff"] <= Unit.objects.aggregate(n=Sum("staff"))["n"]
