"""Registers found by index and by the database alike: totals, rows, order, both ways through the pages, and scope."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime

import pytest
from shapely.geometry import box

from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.area import area_of, circle
from anlan.territory.models import Person, Unit
from anlan.territory.selectors import finding, finding_index
from anlan.territory.selectors.finding import Query, register_batches, register_facets, register_get, register_page
from anlan.territory.services.snapshots import snapshot_build
from anlan.territory.sources.registers import NAMES
from anlan.territory.sources.snapshot_files import snapshots_home
from tests.territory.register_rows import divisions_lay, places_lay, units_lay, units_stir

WHOLE, COUNTY, TWO, NONE = Scope.whole(), Scope(("371702",)), Scope(("371703001", "371702001")), Scope(())

QUERIES = [
    Query(), Query("化工"), Query("化"), Query("有限公司"), Query("菏泽 化工"), Query("k0001"), Query("371702MA0"), Query("座12"),
    Query("山东省菏泽市"), Query("1234"), Query("5551234"), Query("不在"),
    Query(filters={"industry": ("C",)}), Query(filters={"industry": ("C26", "F")}), Query(filters={"size": ("small", "large")}),
    Query(filters={"division": ("371702001", "371703")}), Query(filters={"flags": ("mine", "fireworks")}),
    Query(filters={"missing": ("phone", "point")}), Query(filters={"missing": ("regulator",)}),
    Query(filters={"missing": ("standardisation", "insured_to")}), Query(filters={"regulator": ("3717.emergency",)}),
    Query(filters={"standardisation": ("3",), "status": ("open",)}), Query("工", {"size": ("",)}),
    Query(between={"insured_to": (date(2026, 6, 1), None)}), Query(between={"staff": (1, 10)}),
    Query(between={"updated_at": (datetime(2026, 1, 1, 0, 10, tzinfo=UTC), datetime(2026, 1, 1, 0, 20, tzinfo=UTC))}),
    Query(bbox=(115.2, 35.2, 115.7, 35.8)), Query("木", area=area_of(box(115.1, 35.1, 115.6, 35.9))),
    Query(area=circle(115.5, 35.5, 20)), Query(sort="staff"), Query(sort="-staff"), Query("公", sort="-updated_at"),
    Query(sort="insured_to"), Query(sort="size"),
]  # fmt: skip


@pytest.fixture
def laid(transactional_db):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    divisions_lay()
    units_lay(300)
    places_lay(60)


@pytest.fixture
def by_database(monkeypatch):
    def ask(call, *args, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr(finding, "open_index", lambda *_: None)
            return call(*args, **kwargs)

    return ask


def through(scope, name, query, limit=60):
    """All pages forwards, then back from the last: [(rows, total)]."""
    pages, after = [], ""
    while True:
        page = register_page(scope, name, query, after=after, limit=limit, columns=["division", "name"], digits=True)
        pages.append(page)
        if page.next is None:
            break
        after = page.next
    ask = {"limit": limit, "columns": ["division", "name"], "digits": True}
    backwards = [pages[-1]]
    while backwards[-1].previous is not None:
        backwards.append(register_page(scope, name, query, after=backwards[-1].previous, **ask))
    assert [row["_id"] for page in reversed(backwards) for row in page.rows] == [
        row["_id"] for page in pages for row in page.rows
    ]
    return [row["_id"] for page in pages for row in page.rows], {page.total for page in pages}


@pytest.mark.parametrize("stirred", [False, True])
@pytest.mark.parametrize("scope", [WHOLE, COUNTY, TWO])
def test_index_and_database_answer_alike(laid, by_database, scope, stirred):
    snapshot_build("units")
    if stirred:
        units_stir(random.Random(5), 25)
    for query in QUERIES:
        rows, totals = through(scope, "units", query)
        assert (rows, totals) == by_database(through, scope, "units", query), query
        assert totals == {len(rows)}, query


def test_counts_by_value_alike(laid, by_database):
    snapshot_build("units")
    units_stir(random.Random(6), 20)
    for field in ("division", "industry", "size", "flags", "regulator", "standardisation"):
        for query in (
            Query(),
            Query("化工"),
            Query(filters={"industry": ("C",), "division": ("371702",), "size": ("small",)}),
        ):
            for scope in (WHOLE, COUNTY):
                own = register_facets(scope, "units", query, field)
                assert own == by_database(register_facets, scope, "units", query, field), (field, query)
                assert list(own.values()) == sorted(own.values(), reverse=True)


def test_the_index_is_asked_where_it_can_answer(laid, monkeypatch):
    snapshot_build("units")
    asked = []
    monkeypatch.setattr(finding, "Answer", lambda *args, **kw: asked.append(1) or finding_index.Answer(*args, **kw))
    register_page(WHOLE, "units", Query("化工", sort="-staff"))
    assert asked
    asked.clear()
    register_page(WHOLE, "units", Query(sort="size"))
    assert not asked


def test_initials_and_order_by_sound(laid):
    snapshot_build("units")
    Unit.objects.filter(key="K00001").update(name="重庆路粮站")
    from anlan.territory.models import current_act

    Unit.objects.filter(key="K00002").update(name="安阳路粮站", act=current_act())
    Unit.objects.filter(key="K00001").update(act=current_act())
    found = [row["name"] for row in register_page(WHOLE, "units", Query("lz", sort="name")).rows]
    assert found == ["安阳路粮站", "重庆路粮站"]
    assert register_page(WHOLE, "units", Query("cqllz")).total == 1
    rows, _ = through(WHOLE, "units", Query(sort="name"), limit=50)
    back, _ = through(WHOLE, "units", Query(sort="-name"), limit=50)
    assert len(rows) == len(back) == len(set(rows))
    names = dict(Unit.objects.values_list("pk", "name"))
    import uuid

    from anlan.territory.engine.query import fold
    from anlan.territory.sources.pinyin import pinyin

    keys = [pinyin().key(fold(names[uuid.UUID(row)])) for row in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize("indexed", [False, True])
def test_every_register_has_its_list(laid, indexed):
    Person.objects.create(code="P1", name="责任人甲", phone="13912345678", division="371702")
    if indexed:
        for name in NAMES:
            snapshot_build(name)
    for name in NAMES:
        page = register_page(WHOLE, name, Query(), limit=5)
        assert len(page.rows) == min(5, page.total), name
        assert register_page(NONE, name, Query()).total == 0
    person = register_page(WHOLE, "persons", Query("责任")).rows[0]
    assert (person["name"], person["phone"]) == ("责*", "139****5678")
    assert person["_division"] == {
        "zh": "区划37区划3717区划371702",
        "en": "Division 371702, Division 3717, Division 37",
    }
    assert register_page(WHOLE, "persons", Query("5678")).total == 0
    assert register_page(WHOLE, "persons", Query("5678"), digits=True).total == 1
    assert register_page(WHOLE, "places", Query(filters={"state": ("merged",)})).total > 0


def test_merged_places_are_not_listed_unless_asked_for(laid, by_database):
    snapshot_build("places")
    for query in (
        Query(),
        Query("学校"),
        Query(filters={"kind": ("school",)}),
        Query(filters={"state": ("merged", "closed")}),
    ):
        assert register_page(COUNTY, "places", query).total == by_database(register_page, COUNTY, "places", query).total


def test_batches_hold_all_rows_once(laid, by_database):
    snapshot_build("units")
    units_stir(random.Random(7), 15)
    for query in (Query(), Query("化工"), Query(bbox=(115.2, 35.2, 115.7, 35.8))):
        own, other = (
            [row for batch in made for row in batch.to_pylist()]
            for made in (
                list(register_batches(COUNTY, "units", query, ["key", "name", "phone", "flags", "staff", "insured_to"], size=20)),
                by_database(lambda q=query: list(register_batches(COUNTY, "units", q, ["key", "name", "phone", "flags", "staff", "insured_to"]))),
            )
        )  # fmt: skip
        assert own == other
        assert len(own) == register_page(COUNTY, "units", query).total


def test_one_row_by_key_or_id_and_not_outside_the_scope(laid):
    unit = Unit.objects.filter(division="371703").first()
    assert register_get(WHOLE, "units", unit.key) == register_get(WHOLE, "units", str(unit.pk))
    assert register_get(WHOLE, "units", unit.key)["_kept"] == 0
    with pytest.raises(NotFound):
        register_get(COUNTY, "units", unit.key)


@pytest.mark.parametrize("indexed", [False, True])
def test_what_cannot_be_asked_is_refused(laid, indexed):
    if indexed:
        snapshot_build("units")
    for query in (
        Query(filters={"colour": ("red",)}),
        Query(filters={"flags": ("none",)}),
        Query(sort="phone"),
        Query(filters={"missing": ("colour",)}),
    ):
        with pytest.raises(Invalid):
            register_page(WHOLE, "units", query)
    with pytest.raises(Invalid):
        register_page(WHOLE, "units", Query(), after="???")
    with pytest.raises(Invalid):
        register_page(WHOLE, "posts", Query(bbox=(1, 1, 2, 2)))


def test_a_page_costs_the_same_queries_however_many_rows(laid, django_assert_num_queries):
    snapshot_build("units")
    register_page(WHOLE, "units", Query("化工"))
    for limit in (1, 200):
        with django_assert_num_queries(3):  # is anything newer? rows, names of divisions
            register_page(WHOLE, "units", Query("化工", {"size": ("small",)}, sort="-staff"), limit=limit)
    with django_assert_num_queries(1):
        register_facets(WHOLE, "units", Query("化工"), "industry")


def test_without_an_index_a_page_costs_four_queries(laid, django_assert_num_queries):
    with django_assert_num_queries(4):  # total, keys, rows, names of divisions
        register_page(WHOLE, "units", Query("化工"))


def test_the_web_role_sees_its_scope_only(laid, settings):
    from django.db import connection

    from anlan.kernel.options import options
    from anlan.kernel.scope import activate

    snapshot_build("units")
    units_stir(random.Random(8), 20)
    inside = Unit.objects.filter(division__startswith="371702", merged_into__isnull=True).count()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    try:
        activate(COUNTY, options.secret_key)
        page = register_page(COUNTY, "units", Query(), limit=1000)
        assert page.total == len(page.rows) == inside
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
