"""Doubts about rows: each check finds exactly its rows, clears what was mended, and its remedy can be undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from django.db import connection
from shapely.geometry import box

from anlan.kernel.actor import Actor
from anlan.kernel.geo import wgs84_to_bd09, wgs84_to_gcj02
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.territory.engine.border import Border
from anlan.territory.models import Boundary, Certificate, Division, Finding, Kept, Licence, Person, Place, Unit
from anlan.territory.selectors.quality import findings_page, quality_counts
from anlan.territory.services.quality import quality_check
from anlan.territory.services.remedies import remedy_apply, remedy_undo
from tests.territory.care import COUNTY, DESK, NOW, TOWN, lay_down
from tests.territory.mass import unit

SYSTEM = Actor.system("test")
SQUARE = box(113.0, 34.0, 114.0, 35.0)


def open_now(register: str = "units") -> dict[str, set[str]]:
    rows = Finding.objects.filter(register=register, cleared_at__isnull=True)
    found: dict[str, set[str]] = {}
    for code, row in rows.values_list("check_code", "row"):
        found.setdefault(code, set()).add(str(row))
    return found


def test_the_border_tells_outside_from_another_datum() -> None:
    border = Border({"410181": SQUARE, "410182": box(114.0, 34.0, 115.0, 35.0)}, {"410171": "410181"}, 300)
    inside = np.array([113.5, 113.9999, 113.5]), np.array([34.5, 34.5, 34.0001])
    gcj = wgs84_to_gcj02(*inside)
    bd = wgs84_to_bd09(*inside)
    lon = np.concatenate([inside[0], gcj[0], bd[0], [114.5, 116.0, 114.001]])
    lat = np.concatenate([inside[1], gcj[1], bd[1], [34.5, 34.5, 34.5]])
    codes = ["410181100", "410171001", "419999001"]
    rows = np.zeros(len(lon), dtype=np.int64)
    outside, datum, lies = border.judge(lon, lat, rows, codes)
    # Deep inside no datum can be told; across the eastern border the shift shows.
    assert datum[4] == "gcj02" and datum[7] == "bd09"
    assert {0, 1, 2}.isdisjoint(outside.tolist()) and {9, 10} <= set(outside.tolist())
    assert lies[9] == "410182" and lies[10] == ""
    assert 11 not in outside  # 92 m over a simplified border
    zone, _, _ = border.judge(lon, lat, rows + 1, codes)
    assert zone.tolist() == outside.tolist()
    unknown, none, _ = border.judge(lon, lat, rows + 2, codes)
    assert unknown.tolist() == [] and none == {}


def test_without_outlines_nothing_is_doubted() -> None:
    border = Border({}, {}, 300)
    outside, datum, lies = border.judge(np.array([1.0]), np.array([2.0]), np.array([0]), ["410181"])
    assert (outside.tolist(), datum, lies) == ([], {}, {})


@pytest.fixture
def territory(db: None) -> None:
    lay_down()
    Boundary.objects.filter(division__level__in=(2, 3)).delete()
    Boundary.objects.create(division_id=COUNTY, geojson=SQUARE.__geo_interface__, west=113, south=34, east=114, north=35,
                            source="test")  # fmt: skip
    Division.objects.create(code="410181098", name_zh="旧镇", name_en="Old", level=4, kind="town", valid_from="2000-01-01",
                            valid_to="2020-01-01", successor_id=TOWN)  # fmt: skip


def gcj_point() -> dict[str, float]:
    lon, lat = wgs84_to_gcj02(np.array([113.9999]), np.array([34.5]))
    return {"lon": float(lon[0]), "lat": float(lat[0])}


def doubtful() -> dict[str, Unit]:
    whole = {"regulator_id": None}
    return {
        "phone_missing": unit(1, phone="", **whole),
        "phone_bad": unit(2, phone="0530 5612345", **whole),
        "point_missing": unit(3, lon=None, lat=None, **whole),
        "point_outside": unit(4, lon=114.5, **whole),
        "point_datum": unit(5, **gcj_point(), **whole),
        "division_unknown": unit(6, division="410181997", **whole),
        "division_old": unit(7, division="410181098", **whole),
        "uscc_bad": unit(8, uscc="91410181MAN000080Z", **whole),
        "uscc_missing": unit(9, uscc="", **whole),
        "industry_unknown": unit(10, industry="Z99", **whole),
        "industry_missing": unit(11, industry="", **whole),
        "licence_expired": unit(12, **whole),
    }


def test_each_check_finds_exactly_its_rows(territory: None, django_assert_num_queries: Any) -> None:
    rows = doubtful()
    Licence.objects.create(
        code="x", unit=rows["licence_expired"], kind="gas", number="1", division=TOWN, state="expired"
    )
    shared = [unit(20 + n, phone="10099999999") for n in range(11)]
    unit(40, status="closed", phone="")
    told = quality_check(by=SYSTEM, register="units", at=NOW)
    found = open_now()
    everybody = {str(pk) for pk in Unit.objects.exclude(status="closed").values_list("pk", flat=True)}
    assert found.pop("regulator_missing") == everybody
    assert found.pop("phone_shared") == {str(row.pk) for row in shared}
    assert found == {name: {str(row.pk)} for name, row in rows.items()}
    assert (told.rows, told.opened, told.cleared) == (23, 23 + 11 + 12, 0)
    assert Finding.objects.get(check_code="point_datum").detail == {"datum": "gcj02"}
    assert Finding.objects.get(check_code="division_old").detail == {"successor": TOWN}
    again = quality_check(by=SYSTEM, register="units", at=NOW)
    assert (again.opened, again.cleared, again.sha256) == (0, 0, told.sha256)
    Unit.objects.filter(pk=rows["phone_missing"].pk).update(phone="10000000077")
    mended = quality_check(by=SYSTEM, register="units", at=NOW)
    assert (mended.opened, mended.cleared) == (0, 1)
    assert Finding.objects.get(check_code="phone_missing").cleared_at == NOW
    with django_assert_num_queries(1):
        counts = quality_counts(DESK.scope)
    assert counts["units"]["point_outside"] == 1 and "phone_missing" not in counts["units"]
    page = findings_page(DESK.scope, "units", "point_outside")
    assert [(row["key"], row["detail"]) for row in page] == [(rows["point_outside"].key, {})]
    assert findings_page(Actor("person", "x").scope, "units", "point_outside") == []


def test_people_and_places_are_checked_too(territory: None) -> None:
    person = Person.objects.filter(division=TOWN).first()
    assert person is not None
    Certificate.objects.create(person=person, kind="rescue", number="1", expires_on=date(2020, 1, 1), division=TOWN)
    told = quality_check(by=SYSTEM, register="persons", at=NOW)
    assert told.found == {"certificate_expired": 1}
    Certificate.objects.create(person=person, kind="rescue", number="2", expires_on=date(2030, 1, 1), division=TOWN)
    assert quality_check(by=SYSTEM, register="persons", at=NOW).cleared == 1
    place = Place.objects.filter(division__startswith=COUNTY).first()
    assert place is not None
    Place.objects.filter(pk=place.pk).update(lon=120.0)
    quality_check(by=SYSTEM, register="places", at=NOW)
    assert str(place.pk) in open_now("places")["point_outside"]


def test_who_may_check(territory: None) -> None:
    with pytest.raises(Forbidden):
        quality_check(by=DESK, register="units")


def test_a_remedy_mends_keeps_and_can_be_undone(territory: None) -> None:
    rows = doubtful()
    quality_check(by=SYSTEM, register="units", at=NOW)
    datum = remedy_apply(by=DESK, register="units", check="point_datum", at=NOW)
    moved = Unit.objects.get(pk=rows["point_datum"].pk)
    assert (datum.rows, round(moved.lon or 0, 4), round(moved.lat or 0, 4)) == (1, 113.9999, 34.5)
    old = remedy_apply(by=DESK, register="units", check="division_old", at=NOW)
    phone = remedy_apply(by=DESK, register="units", check="phone_bad", at=NOW)
    assert (old.rows, phone.rows) == (1, 1)
    assert Unit.objects.get(pk=rows["division_old"].pk).division == TOWN
    assert Unit.objects.get(pk=rows["phone_bad"].pk).phone == "0530-5612345"
    found = open_now()
    assert {"point_datum", "division_old", "phone_bad"}.isdisjoint(found)
    assert quality_check(by=SYSTEM, register="units", at=NOW).opened == 0
    back = remedy_undo(by=DESK, batch=datum.batch, at=NOW)
    assert (back.rows, back.changed_since) == (1, 0)
    assert Unit.objects.get(pk=rows["point_datum"].pk).lon == pytest.approx(rows["point_datum"].lon)
    with pytest.raises(Conflict):
        remedy_undo(by=DESK, batch=datum.batch, at=NOW)
    Unit.objects.filter(pk=rows["phone_bad"].pk).update(phone="10000000001")
    left = remedy_undo(by=DESK, batch=phone.batch, at=NOW)
    assert (left.rows, left.changed_since) == (0, 1)
    assert Unit.objects.get(pk=rows["phone_bad"].pk).phone == "10000000001"
    assert Kept.objects.filter(batch=datum.batch, undone=True).count() == 1
    assert Entry.objects.filter(kind="quality.remedied").count() == 3


def test_what_has_no_safe_remedy_is_refused(territory: None) -> None:
    with pytest.raises(Invalid):
        remedy_apply(by=DESK, register="units", check="phone_missing", at=NOW)
    reader = Actor("person", "读者", DESK.scope, roles=frozenset({"auditor"}))
    doubtful()
    quality_check(by=SYSTEM, register="units", at=NOW)
    with pytest.raises(Forbidden):
        remedy_apply(by=reader, register="units", check="point_datum", at=NOW)


def test_places_are_mended_as_tracked_rows(territory: None) -> None:
    place = Place.objects.filter(division__startswith=COUNTY).first()
    assert place is not None
    Place.objects.filter(pk=place.pk).update(**gcj_point())
    quality_check(by=SYSTEM, register="places", at=NOW)
    done = remedy_apply(by=DESK, register="places", check="point_datum", at=NOW)
    assert done.rows == 1
    assert round(Place.objects.get(pk=place.pk).lon, 4) == 113.9999
    assert remedy_undo(by=DESK, batch=done.batch, at=NOW).rows == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_change WHERE tbl = 'territory_place' AND key = %s", [str(place.pk)])
        assert cursor.fetchone()[0] == 4
