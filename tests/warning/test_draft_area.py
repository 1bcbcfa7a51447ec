"""The area of a warning being written: drawn, a basin, round something; divisions, people and the CAP file go together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from anlan.kernel import clock
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Area, AreaMember, Signal
from anlan.territory.engine.sphere import great_circle_km
from anlan.territory.models import Place
from anlan.territory.selectors import township_points
from anlan.territory.selectors.outlines import outlines_in_force
from anlan.warning.engine.outlines import cap_shapes, cells, hull_outline, rings_of
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry
from anlan.warning.models import Call, Warning
from anlan.warning.selectors.draft_preview import draft_preview
from anlan.warning.selectors.spots import spots_named
from anlan.warning.services.drafts import draft_make
from anlan.warning.services.drafts_area import around, basin, drawn, of_signal
from anlan.warning.services.drafts_issue import draft_issue
from anlan.warning.services.drafts_words import content_of_warning
from tests.monitoring.rule_rows import series, signal, station
from tests.territory.page_rows import reader
from tests.warning.conftest import ISSUER, T0
from tests.warning.drafting import MAKER, MINUTE, SIGNER, code_of, content, signed

COUNTY = "410181"
SCOPE = Scope((COUNTY,))


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def town(number: int = 0) -> Any:
    return township_points(COUNTY)[number]


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny")
class TestAreas:
    def test_a_small_circle_is_its_township_and_a_large_one_the_county(self) -> None:
        towns = township_points(COUNTY)
        found = drawn(SCOPE, point(towns[0]["lon"], towns[0]["lat"], radius_km=0.2))
        assert towns[0]["code"] in found.area
        assert len(found.area) < len(towns)
        west, south, east, north = outlines_in_force(COUNTY)[COUNTY].bounds
        ring = [[west - 1, south - 1], [east + 1, south - 1], [east + 1, north + 1], [west - 1, north + 1]]
        assert drawn(SCOPE, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).area == (COUNTY,)
        with pytest.raises(Invalid) as refused:
            drawn(SCOPE, point(100, 30, radius_km=1))
        assert refused.value.code == "draft.outline"

    def test_nobody_inside_is_left_out_between_two_townships(self) -> None:
        one, other = (township_points(COUNTY)[n] for n in (0, 1))
        middle = ((one["lon"] + other["lon"]) / 2, (one["lat"] + other["lat"]) / 2)
        km = great_circle_km(one["lon"], one["lat"], *middle)
        found = drawn(SCOPE, point(*middle, radius_km=round(float(km) * 0.9, 3)))
        assert found.area, "neither seat lies inside, and yet somebody is called"
        nearest = min(township_points(COUNTY), key=lambda t: great_circle_km(t["lon"], t["lat"], *middle))
        assert nearest["code"] in found.area or COUNTY in found.area

    def test_a_line_is_a_buffer_and_a_place_is_gone_round_by_great_circle(self) -> None:
        spot = town()
        line = {"type": "Feature", "properties": {"buffer_km": 1},
                "geometry": {"type": "LineString", "coordinates": [[spot["lon"], spot["lat"]], [spot["lon"] + 0.02, spot["lat"]]]}}  # fmt: skip
        assert drawn(SCOPE, line).kind == "buffer"
        place = Place.objects.filter(division__startswith=COUNTY).order_by("code")[0]
        found = around(SCOPE, f"place:{place.code}", 2.5)
        assert found.kind == "buffer"
        assert cap_shapes(found.outline or {}) == ((), ((place.lon, place.lat, 2.5),))
        for wrong in ("place:none", "unit:no", "street:1", ""):
            assert code_of(NotFound, lambda wrong=wrong: around(SCOPE, wrong, 1)) == "draft.spot"
        assert code_of(Invalid, lambda: around(SCOPE, f"place:{place.code}", 0)) == "draft.km"
        assert code_of(NotFound, lambda: around(Scope(("410182",)), f"place:{place.code}", 1)) == "draft.spot"
        words = spots_named(SCOPE, place.name_zh[:4])
        assert f"place:{place.code}" in [row["of"] for row in words]

    def basin_laid(self) -> Area:
        made = Area.objects.create(code="B1", division=COUNTY, name_zh="示例流域", name_en="Sample basin")
        for n, (dx, dy) in enumerate(((0, 0), (0.1, 0), (0, 0.08))):
            of = station(f"B{n}", T0, COUNTY + "100", lon=113.0 + dx, lat=34.7 + dy)
            of.save()
            row = series(9000 + n, of, T0)
            row.save()
            AreaMember.objects.create(area=made, series=row, division=COUNTY)
        return made

    def test_a_basin_reaches_beyond_the_hull_of_its_gauges(self) -> None:
        made = self.basin_laid()
        found = basin(SCOPE, made.code)
        whole = shape((found.outline or {})["geometry"])
        assert all(
            whole.contains(shapely.Point(lon, lat)) for lon, lat in ((113.0, 34.7), (113.1, 34.7), (113.0, 34.78))
        )
        assert not whole.contains(shapely.Point(113.2, 34.9))
        assert found.area
        assert code_of(NotFound, lambda: basin(Scope(("410182",)), made.code)) == "area.not_found"
        told = Signal.objects.bulk_create([signal(None, T0, "red", area=made, division=COUNTY, rule="basin_rain")])[0]
        assert of_signal(SCOPE, told.id).area == found.area

    def test_preview_file_and_people_go_by_the_same_area(self) -> None:
        spot = town()
        found = drawn(SCOPE, point(spot["lon"], spot["lat"], radius_km=1.5))
        own = content(area=found.area, outline=found.outline, area_kind=found.kind)
        body = draft_preview(ISSUER, own, T0)
        draft = draft_make(by=MAKER, content=own, at=T0)
        row = signed(draft)
        done = draft_issue(by=SIGNER, draft=row, seen=row.digest, at=T0 + 3 * MINUTE)
        warning = Warning.objects.get(id=done.warning_id)
        assert Call.objects.filter(warning=warning).count() == body["count"] > 0
        alert = cap.read(warning.cap_xml.encode()).alert
        assert alert is not None
        (area,) = alert.infos[0].areas
        assert area.circles == (f"{spot['lat']:.5f},{spot['lon']:.5f} 1.5",)
        assert len(area.geocodes) == len(found.area)
        shown = cap.read(body["cap"]["xml"].encode()).alert
        assert shown is not None
        assert shown.infos[0].areas == alert.infos[0].areas
        update = content_of_warning(warning, "update")
        assert (update.outline, update.area) == (found.outline, found.area)

    def test_a_polygon_goes_out_as_drawn_and_closed(self) -> None:
        spot = town()
        x, y = spot["lon"], spot["lat"]
        ring = [[x - 0.01, y - 0.01], [x + 0.01, y - 0.01], [x, y + 0.01], [x - 0.01, y - 0.01]]
        found = drawn(
            SCOPE, {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
        )
        body = draft_preview(ISSUER, content(area=found.area, outline=found.outline, area_kind="drawn"), T0)
        alert = cap.read(body["cap"]["xml"].encode()).alert
        assert alert is not None
        (area,) = alert.infos[0].areas
        assert geometry.ring(area.polygons[0])[0] == geometry.ring(area.polygons[0])[-1]
        assert {(round(a, 5), round(b, 5)) for a, b in ring} == set(geometry.ring(area.polygons[0]))

    def test_divisions_and_outline_that_disagree_are_refused(self) -> None:
        spot = town()
        found = drawn(SCOPE, point(spot["lon"], spot["lat"], radius_km=0.5))
        far = next(t["code"] for t in township_points(COUNTY) if t["code"] not in found.area)
        for words in ({"area": (far,), "area_kind": "drawn"}, {"area": found.area, "area_kind": "divisions"}):
            own = replace(content(), outline=found.outline, **words)
            assert code_of(Invalid, lambda own=own: draft_make(by=MAKER, content=own, at=T0)) == "draft.area_outline"
        assert (
            code_of(Invalid, lambda: draft_make(by=MAKER, content=content(area_kind="x"), at=T0)) == "draft.area_kind"
        )

    def test_the_same_over_pages_and_interface(self) -> None:
        made, place = self.basin_laid(), Place.objects.filter(division__startswith=COUNTY).order_by("code")[0]
        page = reader(COUNTY)
        assert "Sample basin" in page.get("/warnings/compose").content.decode()
        assert page.post("/warnings/compose/drawn", {"basin": made.code}).json()["kind"] == "basin"
        answer = page.post("/warnings/compose/drawn", {"of": f"place:{place.code}", "km": "2"}).json()
        assert answer["outline"]["properties"]["radius_km"] == 2
        assert page.post("/warnings/compose/drawn", {"of": f"place:{place.code}", "km": "x"}).json()["refusal"]
        assert f"place:{place.code}" in page.get("/warnings/compose/spots", {"spot": place.code}).content.decode()
        assert page.get("/api/warning/drafts/basins").json()[0]["stations"] == 3
        assert page.get(f"/api/warning/drafts/spots?words={place.code}").json()[0]["of"] == f"place:{place.code}"
        body = page.post("/api/warning/drafts/divisions", {"basin": made.code}, content_type="application/json").json()
        assert (body["kind"], len(body["names"])) == ("basin", len(body["area"]))


SPOT = st.tuples(st.floats(112.7, 113.2), st.floats(34.5, 34.9)).map(lambda p: (round(p[0], 4), round(p[1], 4)))


@given(st.lists(SPOT, min_size=1, max_size=12), SPOT)
def test_every_spot_belongs_to_the_township_whose_seat_is_nearest(
    seats: list[tuple[float, float]], spot: tuple[float, float]
) -> None:
    county = shapely.box(112.6, 34.4, 113.3, 35.0)
    parts = cells(seats, county)
    assert len(parts) == len(seats)
    nearest = min(seats, key=lambda seat: (seat[0] - spot[0]) ** 2 + (seat[1] - spot[1]) ** 2)
    assert parts[seats.index(nearest)].distance(shapely.Point(spot)) < 1e-9
    assert abs(sum(parts[seats.index(seat)].area for seat in set(seats)) - county.area) < 1e-9


@given(st.lists(SPOT, min_size=1, max_size=10), st.floats(1, 20))
def test_a_hull_holds_all_around_its_points(points: list[tuple[float, float]], km: float) -> None:
    whole = shape(hull_outline(points, km))
    assert whole.is_valid
    for lon, lat in points:
        assert whole.contains(shapely.Point(lon, lat))
        assert whole.contains(shapely.Point(lon, lat + km * 0.95 / 111.2))


def test_rings_are_closed_and_thinned_only_when_very_fine() -> None:
    fine = shapely.Point(113, 34).buffer(0.5, quad_segs=2000)
    (ring,) = rings_of(fine)
    assert ring[0] == ring[-1]
    assert 50 < len(ring) < 1000
    holed = shapely.Point(113, 34).buffer(0.5).difference(shapely.Point(113, 34).buffer(0.1))
    assert len(rings_of(holed)) == 1
    assert clock.now() > T0
