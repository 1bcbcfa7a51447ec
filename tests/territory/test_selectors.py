"""Readers: holders for calls, registers in scope, points and maps; the number of queries is pinned."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection

from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope, activate
from anlan.territory import selectors
from anlan.territory.models import Division, Person, Place, Post
from anlan.territory.services import generate

pytestmark = pytest.mark.django_db
GONGYI, XINGYANG = Scope(("410181",)), Scope(("410182",))


@pytest.fixture(autouse=True)
def tiny(db: None) -> None:
    generate("tiny", 7)


def test_holders_come_in_one_query_by_prefix_and_role(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        rows = selectors.holders_by_divisions(["410181100", "410182109"], ["village_head", "township_duty"])
    assert [row.post_code for row in rows] == sorted(row.post_code for row in rows)
    assert len(rows) == 19 + 22 + 2
    assert {row.role for row in rows} == {"village_head", "township_duty"}
    assert all(row.a_person and row.b_phone for row in rows)
    assert all(row.division.startswith(("410181100", "410182109")) for row in rows)
    assert selectors.holders_by_divisions([]) == []
    assert (
        len(selectors.holders_by_divisions(["4101", "410181"]))
        == Post.objects.filter(division__startswith="4101").count()
    )


def test_a_vacant_post_has_no_a_holder() -> None:
    vacant = selectors.posts_list(Scope.whole(), vacant=True)
    assert [item["role"]["code"] for item in vacant] == ["village_officer"]
    row = selectors.holders_by_divisions([vacant[0]["division"]], ["village_officer"])[0]
    assert row.a_person is None
    assert row.a_phone is None


def test_the_chain_of_superiors(django_assert_num_queries: Any) -> None:
    post = selectors.post_get("410182109211.officer")
    climbed = [post.code]
    while True:
        with django_assert_num_queries(2):
            above = selectors.superiors([post.pk])
        if not above:
            break
        climbed.append(above[post.pk].post_code)
        post = selectors.post_get(climbed[-1])
    assert climbed == ["410182109211.officer", "410182109.duty", "410182109.head", "410182.commander",
                       "4101.commander", "41.duty"]  # fmt: skip


def test_registers_show_the_scope_only_and_mask_telephones(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        posts = selectors.posts_list(GONGYI, limit=1000)
    inside = [item for item in posts if item["division"].startswith("410181")]
    above = [item for item in posts if item not in inside]
    assert len(inside) == Post.objects.filter(division__startswith="410181").count()
    assert {item["division"] for item in above} == {"41", "4101"}
    assert all(item["holders"] == [] and item["vacant"] is None for item in above)
    phones = [holder["phone"] for item in inside for holder in item["holders"]]
    assert phones
    assert all(re.fullmatch(r"100\*{4}\d{4}", phone) for phone in phones)
    with django_assert_num_queries(1):
        places = selectors.places_list(XINGYANG)
    assert {item["division"][:6] for item in places} == {"410182"}
    assert len(places) == Place.objects.filter(division__startswith="410182").count()
    assert [item["name"]["zh"] for item in selectors.places_list(Scope.whole(), "reservoir", division="410102")] == [
        "常庄水库"
    ]
    with pytest.raises(NotFound):
        selectors.place_get(GONGYI, "R410102012.01")
    assert selectors.posts_list(Scope()) == selectors.places_list(Scope()) == []


def test_a_holder_from_above_holds_the_post_without_being_shown() -> None:
    (admin,) = selectors.posts_list(Scope(("410102",)), role="reservoir_admin")
    assert admin["vacant"] is False
    assert [(item["holder"], item["name"], item["phone"]) for item in admin["holders"]] == [
        ("A", "", ""),
        ("B", "", ""),
    ]
    (admin,) = selectors.posts_list(Scope(("4101",)), role="reservoir_admin", division="410102")
    assert admin["holders"][0]["name"] == "郑州市防汛副指挥长（水利）甲"


def test_who_answers_for_what(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        duties = selectors.duties_list(XINGYANG, division="410182109211")
    assert [(item["kind"]["code"], item["post"]["code"]) for item in duties] == [
        ("village_flood", "410182109211.head"),
        ("village_report", "410182109211.officer"),
    ]
    three = selectors.duties_list(Scope.whole(), place="R410102012.01")
    assert [item["kind"]["code"] for item in three] == ["reservoir_admin", "reservoir_patrol", "reservoir_technical"]
    assert selectors.duties_list(GONGYI, division="410182109211") == []


def test_children_of_a_division_in_scope() -> None:
    codes = [row.code for row in selectors.division_children(GONGYI, "4101")]
    assert codes == ["410181"]
    assert [row.code for row in selectors.division_children(GONGYI)] == ["41"]
    assert len(selectors.division_children(Scope.whole(), "4101")) == 15
    assert len(selectors.divisions_under("410181100", 5)) == 19
    zone = selectors.division_get("410173")
    assert (zone.functional_zone, zone.parent_id, zone.legal_parent_id) == (True, "4101", "410184")


def test_points_find_their_county_and_the_map_has_every_outline() -> None:
    assert selectors.point_division(113.53, 34.73) == "410102"
    assert selectors.points_division([113.2, 100.0], [34.67, 10.0]) == ["410181", ""]
    body = json.loads(selectors.map_base())
    assert len(body["counties"]["features"]) == 157
    assert len(body["prefectures"]["features"]) == 18
    assert "OpenStreetMap" in body["attribution"]
    assert selectors.map_base() is selectors.map_base()
    points = selectors.township_points("4101")
    assert len(points) == 12
    assert all(point["estimated"] for point in points if point["code"] != "410181005")


def test_the_database_itself_keeps_counties_apart(web_role: None) -> None:
    assert Person.objects.count() == 0
    assert Division.objects.count() == 0
    activate(GONGYI, options.secret_key)
    assert {code[:6] for code in Person.objects.values_list("division", flat=True)} == {"410181"}
    assert {code[:6] for code in Place.objects.values_list("division", flat=True)} == {"410181"}
    assert {code[:6] for code in Post.objects.values_list("division", flat=True)} == {"41", "4101", "410181"}
    assert Division.objects.filter(code="410182").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM territory_person WHERE division LIKE '410182%'")
        assert cursor.fetchone()[0] == 0
