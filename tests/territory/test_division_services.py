"""Code lists are taken in, decided and applied; rows follow their division or are listed; outlines are checked first."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account, Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.keys import stable_id
from anlan.territory.engine.tree import Listed
from anlan.territory.models import (
    Boundary,
    CodeChange,
    Division,
    Edition,
    Kept,
    Organisation,
    Person,
    Place,
    Post,
    Unit,
)
from anlan.territory.services.divisions import (
    boundary_import,
    change_decide,
    changes_decide,
    division_rehome,
    edition_apply,
    edition_open,
    edition_withdraw,
)

pytestmark = pytest.mark.django_db
ADMIN = Actor("person", "区划管理员", Scope(("41",)), roles=frozenset({"admin"}))
DAY = date(2024, 1, 1)
NOW = datetime(2024, 3, 1, tzinfo=UTC)

LIST = """code,name,lon,lat,coord_src
410000,河南省,113.6,34.7,amap_center
410100,甲市,113.6,34.7,amap_center
410102,东县,113.05,34.05,amap_center
410103,西县,113.15,34.05,amap_center
410102100,河口镇,,,
410102101,石桥镇,,,
410103100,柳林镇,,,
410102100201,前村村委会,,,
410102100202,后村村委会,,,
410102101201,上店村委会,,,
410102101202,下店村委会,,,
410103100201,东沟村委会,,,
"""


@pytest.fixture(autouse=True)
def land(db: None) -> None:
    """A province with one city, two counties, three townships, five villages; rows of the registers in them."""
    rows = [line.split(",") for line in LIST.splitlines()[1:]]
    for official, name, lon, lat, src in rows:
        code = official.rstrip("0") if len(official) == 6 and official.endswith("00") else official
        code = {"41": "41", "41010": "4101", "4101": "4101"}.get(code, code)
        Division.objects.create(
            code=code, name_zh=name, name_en=f"en {name}", level={2: 1, 4: 2, 6: 3, 9: 4, 12: 5}[len(code)], kind="county",
            parent_id=code[: {4: 2, 6: 4, 9: 6, 12: 9}.get(len(code), 0)] or None,
            legal_parent_id=code[: {4: 2, 6: 4, 9: 6, 12: 9}.get(len(code), 0)] or None,
            lon=float(lon) if lon else None, lat=float(lat) if lat else None, coord_src=src, population=10 * len(code),
            population_src="census", valid_from=date(2023, 6, 30),
        )  # fmt: skip
    for code in ("410102100", "410102101", "410102100201", "410103100"):
        registers_in(code)


def registers_in(code: str, lon: float = 113.02, lat: float = 34.02) -> None:
    organisation = Organisation.objects.create(
        division=code, code=f"o{code}", name_zh="办", name_en="o", kind="government"
    )
    place = Place.objects.create(division=code, code=f"p{code}", kind="school", name_zh="校", name_en="s", lon=lon, lat=lat,
                                 organisation=organisation, coord_src="osm")  # fmt: skip
    post = Post.objects.create(division=code, code=f"{code}.head", name_zh="岗", name_en="p", role="school_head",
                               organisation=organisation, place=place)  # fmt: skip
    person = Person.objects.create(division=code, code=f"h{code}", name="负责人", phone="10000000000")
    post.appointments.create(division=code, person=person, holder="A", valid_from=date(2023, 7, 1))
    post.duties.create(division=code, kind="site_safety", place=place)
    Unit.objects.create(id=stable_id("unit", f"L:{code}"), division=code, key=f"L:{code}", name="厂", lon=lon, lat=lat,
                        coord_src="osm", updated_at=NOW)  # fmt: skip


def text(*changes: tuple[str, str], drop: tuple[str, ...] = (), add: tuple[str, ...] = ()) -> bytes:
    lines = [line for line in LIST.splitlines() if line.split(",")[0] not in drop]
    body = "\n".join([*lines, *add]) + "\n"
    for old, new in changes:
        body = body.replace(old, new)
    return body.encode()


def opened(file: bytes, **extra: Any) -> Edition:
    return edition_open(by=ADMIN, name="2023年版", valid_from=DAY, source="国家统计局", file=file, at=NOW, **extra)


def applied(file: bytes, **extra: Any) -> Any:
    edition = opened(file)
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=NOW)
    return edition_apply(by=ADMIN, edition=edition.pk, at=NOW, **extra)


def kinds(edition: Edition) -> set[tuple[str, str, str]]:
    return set(edition.changes.values_list("kind", "old", "new"))


RECODE = (("410102", "410107"), ("东县", "东区"))


def test_the_same_list_changes_nothing() -> None:
    edition = opened(text())
    assert edition.changes.count() == 0
    assert edition.counts == {"rows": 12}


def test_a_county_with_a_new_code_takes_its_registers_along() -> None:
    Boundary.objects.create(
        division_id="410102", geojson=BOXES["410102"], west=113, south=34, east=113.1, north=34.1, source="t"
    )
    account_save(by=Actor.system("t"), username="town", name="镇", divisions=["410102100", "410103"], roles=["duty"])
    edition = opened(text(*RECODE))
    assert len(kinds(edition)) == 7
    with pytest.raises(Conflict, match=r"division.undecided"):
        edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    county = edition.changes.get(level=3)
    change_decide(by=ADMIN, change=county.pk, accept=True, at=NOW)
    assert set(edition.changes.values_list("state", flat=True)) == {"accepted"}
    done = edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    new = Division.objects.get(pk="410107")
    assert (new.name_zh, new.valid_from, new.valid_to, new.population) == ("东区", DAY, None, 60)
    assert Division.objects.get(pk="410107100201").name_en == "en 前村村委会"
    old = Division.objects.get(pk="410102100")
    assert (old.valid_to, old.successor_id) == (DAY, "410107100")
    seven = ("units", "places", "organisations", "posts", "persons", "appointments", "duties")
    assert done.moved == dict.fromkeys(seven, 3)
    assert done.unresolved == {}
    assert set(Unit.objects.values_list("division", flat=True)) == {
        "410107100",
        "410107101",
        "410107100201",
        "410103100",
    }
    assert Account.objects.get(username="town").divisions == ["410107100", "410103"]
    assert Boundary.objects.get(pk="410107").geojson == Boundary.objects.get(pk="410102").geojson
    kept = Kept.objects.get(row=stable_id("unit", "L:410102100"))
    assert (kept.register, kept.before, kept.batch, kept.division) == (
        "units",
        {"division": "410102100"},
        edition.pk,
        "410107100",
    )
    event = Entry.objects.get(kind="division.edition_applied")
    assert event.data["moved"]["units"] == 3
    assert event.data["accounts"] == ["town"]
    assert Edition.objects.get().state == "applied"


def test_the_same_list_again_changes_nothing_more() -> None:
    applied(text(*RECODE))
    again = edition_open(by=ADMIN, name="又", valid_from=DAY, source="s", file=text(*RECODE), at=NOW)
    assert again.changes.count() == 0


def test_units_written_by_a_move_are_marked_as_of_this_transaction() -> None:
    before = Unit.objects.get(key="L:410102100").act
    applied(text(*RECODE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert Unit.objects.get(key="L:410102100").act == cursor.fetchone()[0] >= before


MERGED = text(drop=("410102101", "410102101201", "410102101202"),
              add=("410102100203,上店社区,,,", "410102100204,下店社区,,,"))  # fmt: skip


def test_a_merger_moves_rows_to_the_one_that_stays() -> None:
    done = applied(MERGED)
    assert kinds(done.edition) >= {("merged", "410102101", "410102100"), ("recoded", "410102101201", "410102100203")}
    assert Division.objects.get(pk="410102101").successor_id == "410102100"
    assert set(Unit.objects.values_list("division", flat=True)) == {"410102100", "410102100201", "410103100"}
    assert done.unresolved == {}


def test_what_is_abolished_without_an_heir_is_listed_and_found_a_home_by_a_person() -> None:
    done = applied(text(drop=("410102101", "410102101201", "410102101202")))
    assert done.unresolved["units"] == {"410102101": 1}
    assert sum(len(codes) for codes in done.unresolved.values()) == 7
    assert Unit.objects.filter(division="410102101").count() == 1
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        division_rehome(by=ADMIN, old="410102101", new="410102100", reason="")
    with pytest.raises(Conflict, match=r"division.in_force"):
        division_rehome(by=ADMIN, old="410103100", new="410102100", reason="并入河口镇")
    moved = division_rehome(by=ADMIN, old="410102101", new="410102100", reason="并入河口镇", at=NOW)
    assert moved["units"] == moved["persons"] == 1
    assert not Unit.objects.filter(division="410102101").exists()
    assert Entry.objects.get(kind="division.rehomed").data["reason"] == "并入河口镇"


def test_a_person_may_name_another_successor() -> None:
    edition = opened(text(drop=("410102101", "410102101201", "410102101202")))
    row = edition.changes.get(old="410102101")
    assert row.kind == "abolished"
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        change_decide(by=ADMIN, change=row.pk, accept=True, successor="410103100")
    for wrong in ("410102", "410199", "410102101"):
        with pytest.raises(Invalid, match=r"division.no_successor"):
            change_decide(by=ADMIN, change=row.pk, accept=True, successor=wrong, reason="并入柳林镇")
    done = change_decide(by=ADMIN, change=row.pk, accept=True, successor="410103100", reason="并入柳林镇", at=NOW)
    assert (done.kind, done.new, done.new_name, done.state) == ("merged", "410103100", "柳林镇", "accepted")
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=NOW)
    edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert Unit.objects.get(key="L:410102101").division == "410103100"


def test_a_refused_change_leaves_things_as_they_are() -> None:
    edition = opened(text(("柳林镇", "柳林街道"), ("河口镇", "河口街道")))
    row = edition.changes.get(old="410103100")
    with pytest.raises(Invalid, match=r"territory.no_reason"):
        change_decide(by=ADMIN, change=row.pk, accept=False)
    change_decide(by=ADMIN, change=row.pk, accept=False, reason="省里尚未批复", at=NOW)
    assert changes_decide(by=ADMIN, edition=edition.pk, accept=True, kind="renamed", least=0.99, at=NOW) == 1
    edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert Division.objects.get(pk="410103100").name_zh == "柳林镇"
    renamed = Division.objects.get(pk="410102100")
    assert (renamed.name_zh, renamed.valid_from) == ("河口街道", date(2023, 6, 30))


def test_decisions_that_would_leave_an_orphan_are_refused_and_nothing_is_written() -> None:
    edition = opened(text(add=("410104,新县,,,", "410104100,新镇,,,")))
    change_decide(by=ADMIN, change=edition.changes.get(new="410104").pk, accept=False, reason="省里尚未批复", at=NOW)
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=NOW)
    with pytest.raises(Conflict, match=r"division.no_tree") as refusal:
        edition_apply(by=ADMIN, edition=edition.pk, at=NOW)
    assert "410104100" in refusal.value.zh
    assert not Division.objects.filter(pk="410104100").exists()


BOXES = {
    "410102": {"type": "Polygon", "coordinates": [[[113, 34], [113.1, 34], [113.1, 34.1], [113, 34.1], [113, 34]]]},
    "410102100": {"type": "Polygon", "coordinates": [[[113, 34], [113.05, 34], [113.05, 34.1], [113, 34.1], [113, 34]]]},
    "410102003": {"type": "Polygon", "coordinates": [[[113.05, 34], [113.1, 34], [113.1, 34.1], [113.05, 34.1], [113.05, 34]]]},
}  # fmt: skip


def geojson(*codes: str, **as_code: str) -> bytes:
    features = [
        {"type": "Feature", "properties": {"code": as_code.get(code, code)}, "geometry": BOXES[code]} for code in codes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


SPLIT = text(
    drop=("410102101201", "410102101202"),
    add=("410102003,新城街道,,,", "410102003001,上店社区,,,", "410102003002,下店社区,,,"),
)


def test_rows_of_a_split_go_by_their_point_once_the_parts_have_outlines() -> None:
    Unit.objects.filter(key="L:410102101").update(lon=113.08, lat=34.05)
    edition = opened(text(drop=("410102101", "410102101201", "410102101202", "410102100201", "410102100202"), add=(
        "410102003,新城街道,,,", "410102004,旧城街道,,,", "410102003001,前村社区,,,", "410102003002,后村社区,,,",
        "410102004001,上店社区,,,", "410102004002,下店社区,,,")))  # fmt: skip
    assert edition.changes.filter(level=4).count() == 2
    # the list says both townships went over whole; a person knows that one was split between the two
    edition_withdraw(by=ADMIN, edition=edition.pk, reason="名录有误，重新上传")
    done = applied(SPLIT)
    assert ("split", "410102101", "410102003") in kinds(done.edition)
    assert done.unresolved["units"] == {"410102101": 1}
    assert Unit.objects.get(key="L:410102101").division == "410102101"
    fit = boundary_import(
        by=ADMIN, file=geojson("410102100", "410102003").replace(b"410102100", b"410102101"), source="测绘", at=NOW
    )
    assert [item.kind for item in fit.findings] == ["no_outline", "no_outline"]
    assert Unit.objects.get(key="L:410102101").division == "410102003"
    assert Entry.objects.get(kind="division.boundaries_imported").data["moved"]["units"] == 1
    place = Place.objects.get(code="p410102101")
    assert place.division == "410102101"  # its point lies in the part that stayed


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
