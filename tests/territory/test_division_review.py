"""What is wrong with a list is said by row; who may not is refused; the tree is shown as it is and as it was."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.tree import Listed
from anlan.territory.models import (
    Boundary,
    CodeChange,
    Edition,
)
from anlan.territory.selectors.division_tally import _tallies, division_tallies
from anlan.territory.selectors.division_tree import (
    children_counts,
    division_now,
    division_page,
    division_rows,
)
from anlan.territory.selectors.divisions import point_division, point_locate
from anlan.territory.selectors.editions import coverage, edition_changes, edition_progress, homeless
from anlan.territory.services.divisions import (
    boundary_import,
    changes_decide,
    edition_apply,
    edition_open,
    edition_withdraw,
)
from tests.territory.division_land import (
    ADMIN,
    DAY,
    LIST,
    NOW,
    RECODE,
    SPLIT,
    applied,
    edition_apply_all,
    geojson,
    kinds,
    lay_land,
    opened,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def land(db: None) -> None:
    lay_land()


def test_a_list_with_faults_names_row_column_value_and_remedy() -> None:
    with pytest.raises(Invalid) as refusal:
        opened(
            text(
                ("410103100,柳林镇", "41010310,柳林镇"),
                ("410102101,石桥镇", "410102101,"),
                add=("410109100,无主镇,,,", "410102,东县,999,1,"),
            )
        )
    faults = refusal.value.extra["faults"]
    assert {(f["row"], f["column"], f["value"]) for f in faults} == {
        (8, "code", "41010310"), (7, "name", ""), (14, "code", "410109100"), (15, "lon", "999")
    }  # fmt: skip
    assert all(f["zh"] and f["en"] for f in faults)
    assert refusal.value.extra["count"] == 4
    assert Edition.objects.count() == 0


@pytest.mark.parametrize(
    "file", [b"", b"\xff\xfe\x00", b"code\n41", b"a,b\n1,2", b"code,name\n", b'code,name\n"41', b"\x00,\x00"]
)
def test_hostile_files_are_refused_in_words(file: bytes) -> None:
    with pytest.raises(Invalid, match=r"division.list_faults"):
        opened(file)


def test_only_one_list_of_an_area_is_under_review_and_none_rewrites_history() -> None:
    first = opened(text())
    with pytest.raises(Conflict, match=r"division.under_review"):
        opened(text())
    edition_withdraw(by=ADMIN, edition=first.pk, reason="重复上传")
    with pytest.raises(Conflict, match=r"division.edition_closed"):
        edition_withdraw(by=ADMIN, edition=first.pk, reason="重复上传")
    with pytest.raises(Invalid, match=r"division.too_early"):
        edition_open(by=ADMIN, name="旧", valid_from=date(2020, 1, 1), source="s", file=text(), at=NOW)
    later = edition_open(
        by=ADMIN, name="新", valid_from=date(2025, 1, 1), source="s", file=text(("柳林镇", "柳林街道")), at=NOW
    )
    changes_decide(by=ADMIN, edition=later.pk, accept=True)
    with pytest.raises(Conflict, match=r"division.not_yet"):
        edition_apply(by=ADMIN, edition=later.pk, at=NOW)


def test_who_may_not_is_refused() -> None:
    duty = Actor("person", "值班员", Scope(("41",)), roles=frozenset({"duty"}))
    county = Actor("person", "县管理员", Scope(("410102",)), roles=frozenset({"admin"}))
    for actor in (duty, county):
        with pytest.raises(Forbidden):
            edition_open(by=actor, name="x", valid_from=DAY, source="s", file=text(), at=NOW)
    edition = opened(text(("柳林镇", "柳林街道")))
    with pytest.raises(NotFound):
        changes_decide(by=county, edition=edition.pk, accept=True)
    own = [Listed("410102", "东县"), Listed("410102100", "河口街道"), Listed("410102101", "石桥镇")]
    edition_withdraw(by=ADMIN, edition=edition.pk, reason="改由县里上报")
    mine = edition_open(by=county, name="县表", valid_from=DAY, source="县", rows=own, at=NOW)
    assert (mine.division, kinds(mine)) == ("410102", {("renamed", "410102100", "410102100")})


def test_outlines_that_name_nobody_or_cross_themselves_are_never_laid_down() -> None:
    with pytest.raises(Conflict, match=r"division.outlines_unsound"):
        boundary_import(by=ADMIN, file=geojson("410102003"), source="测绘")
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    crossing = json.dumps({"features": [{"properties": {"code": "410102"}, "geometry": bow}]}).encode()
    with pytest.raises(Conflict, match=r"division.outlines_unsound"):
        boundary_import(by=ADMIN, file=crossing, source="测绘")
    for bad in (
        b"{}",
        b"[1]",
        b"x",
        b'{"features":[]}',
        b'{"features":[{"properties":{"code":"41"},"geometry":null}]}',
    ):
        with pytest.raises(Invalid, match=r"division.bad_outlines"):
            boundary_import(by=ADMIN, file=bad, source="测绘")
    assert Boundary.objects.count() == 0
    assert CodeChange.objects.count() == 0


def test_a_county_moved_out_of_sight_of_the_web_role_is_still_written_in_scope(web_role: None) -> None:
    from anlan.kernel.options import options
    from anlan.kernel.scope import activate

    activate(ADMIN.scope, options.secret_key)
    done = applied(text(*RECODE))
    assert done.moved["units"] == 3


def test_a_code_is_followed_to_what_it_is_now_and_the_tree_is_shown_as_it_was() -> None:
    scope = ADMIN.scope
    assert division_now("410102101") == ("410102101",)
    edition_apply_all(text(*RECODE, ("柳林镇", "柳林街道")), DAY)
    second = LIST.replace("410102", "410107").replace("东县", "东区").replace("柳林镇", "柳林街道")
    second = "\n".join(line for line in second.splitlines() if not line.startswith("410107101")) + "\n"
    second += "410107100203,上店社区,,,\n410107100204,下店社区,,,\n"
    edition_apply_all(second.encode(), date(2025, 1, 1))
    assert division_now("410102101") == ("410107100",)
    assert division_now("410102101201") == ("410107100203",)
    assert division_now("410103100") == ("410103100",)
    assert division_now("419999") == ()
    then = {row["code"]: row["name"]["zh"] for row in division_rows(scope, "4101", on=date(2023, 12, 31))}
    assert then == {"410102": "东县", "410103": "西县"}
    assert [row["name"]["zh"] for row in division_rows(scope, "410103", on=date(2023, 12, 31))] == ["柳林镇"]
    assert [row["name"]["zh"] for row in division_rows(scope, "410103", on=DAY)] == ["柳林街道"]
    now = {row["code"]: row["valid_to"] for row in division_rows(scope, "4101", former=True)}
    assert now == {"410102": DAY, "410103": None, "410107": None}
    assert [row["code"] for row in division_rows(scope, "4101")] == ["410103", "410107"]
    page = division_page(scope, "410102101")
    assert page["now"] == ("410107100",)
    assert [(step["kind"], step["new"]) for step in page["trail"]] == [("recoded", "410107101")]


def test_readers_of_the_tree_have_pinned_queries(django_assert_num_queries: Any) -> None:
    edition_apply_all(SPLIT, DAY)
    with django_assert_num_queries(1):
        rows = division_rows(ADMIN.scope, "410102")
    assert [row["code"] for row in rows] == ["410102003", "410102100", "410102101"]
    _tallies.cache_clear()
    with django_assert_num_queries(4):
        tallies = division_tallies(ADMIN.scope, ["410102100", "410103", "419999"])
    assert tallies["410102100"] == {"units": 2, "posts": 2, "vacant": 0, "places": 2}
    assert tallies["410103"]["units"] == 1
    assert tallies["419999"] == {"units": 0, "posts": 0, "vacant": 0, "places": 0}
    with django_assert_num_queries(0):
        assert division_tallies(ADMIN.scope, ["41"])["41"]["units"] == 4
    with django_assert_num_queries(1):
        assert children_counts(["4101", "410102", "410102100201"]) == {"4101": 2, "410102": 3}
    with django_assert_num_queries(3):
        assert division_now("410102101") == ("410102003", "410102101")
    with django_assert_num_queries(2):
        assert division_rows(ADMIN.scope, "410102", on=date(2023, 12, 31))
    edition = Edition.objects.get()
    with django_assert_num_queries(1):
        progress = edition_progress(edition)
    assert (progress["left"], progress["percent"], progress["accepted"]) == (0, 100, 3)
    with django_assert_num_queries(2):
        shown = edition_changes(edition)
    assert [(item["row"].kind, item["followers"]) for item in shown] == [("split", 0), ("recoded", 0), ("recoded", 0)]
    with django_assert_num_queries(1):
        assert homeless(ADMIN.scope) == []


def test_rows_without_a_home_are_named_for_those_whose_area_it_is() -> None:
    edition_apply_all(text(drop=("410102101", "410102101201", "410102101202")), DAY)
    left = homeless(ADMIN.scope)
    assert [(row["code"], row["rows"]["unit"], row["successor"]) for row in left] == [("410102101", 1, None)]
    assert homeless(Scope(("410103",))) == []


def test_points_are_found_by_the_outlines_of_the_day() -> None:
    boundary_import(by=ADMIN, file=geojson("410102"), source="测绘", at=NOW)
    assert point_locate(113.02, 34.02).code == point_division(113.02, 34.02) == "410102"
    edition_apply_all(text(*RECODE), DAY)
    assert point_locate(113.02, 34.02).code == "410107"
    assert point_locate(113.02, 34.02, on=date(2023, 12, 1)).code == "410102"
    assert point_locate(113.5, 34.02).code == ""
    assert coverage(ADMIN.scope) == coverage(Scope(("4101",)))
    assert [item.codes for item in coverage(Scope(("41",)))] == [("410103",)]
