"""Areas read from GeoJSON: what each form means, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from anlan.territory.engine.area import (
    AreaFault,
    Buffered,
    Circle,
    Divisions,
    Polygonal,
    Several,
    area_from_geojson,
    area_of,
    box,
    buffered,
    circle,
)
from anlan.territory.engine.sphere import great_circle_km

SQUARE = [[113.0, 34.0], [114.0, 34.0], [114.0, 35.0], [113.0, 35.0], [113.0, 34.0]]
INNER = [[113.4, 34.4], [113.6, 34.4], [113.6, 34.6], [113.4, 34.6], [113.4, 34.4]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def has(area: Any, *points: tuple[float, float]) -> list[bool]:
    lon, lat = np.array(points, float).T
    return [bool(v) for v in area.covers(lon, lat)]


def test_a_polygon_with_a_hole_and_its_borders() -> None:
    area = area_from_geojson(polygon(SQUARE, INNER))
    points = [(113.1, 34.1), (113.5, 34.5), (113.4, 34.5), (114.0, 35.0), (114.1, 34.5)]
    assert isinstance(area, Polygonal) and has(area, *points) == [True, False, True, True, False]


def test_features_collections_and_parts_that_overlap_are_read_as_all_they_cover() -> None:
    east = [[x + 0.5, y] for x, y in SQUARE]
    multi = {"type": "MultiPolygon", "coordinates": [[SQUARE], [east]]}
    both = {"type": "FeatureCollection", "features": [feature(polygon(SQUARE)), feature(polygon(east)), feature(None)]}
    group = {"type": "GeometryCollection", "geometries": [polygon(SQUARE), polygon(east)]}
    for found in (multi, both, group, feature(multi)):
        area = area_from_geojson(found)
        assert area.geometry.area == pytest.approx(1.5)
        assert has(area, (113.2, 34.5), (113.7, 34.5), (114.4, 34.5), (114.6, 34.5)) == [True, True, True, False]


def test_rings_may_be_open_wound_either_way_and_have_heights() -> None:
    for ring in (SQUARE[:-1], SQUARE[::-1], [[*point, 99.5] for point in SQUARE]):
        assert area_from_geojson(polygon(ring)).geometry.area == pytest.approx(1.0)


@pytest.mark.parametrize(
    "ring",
    [
        [[170, -10], [190, -10], [190, 10], [170, 10], [170, -10]],
        [[-190, -10], [-170, -10], [-170, 10], [-190, 10], [-190, -10]],
        [[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]],
        [[530, -10], [540, -10], [540, 10], [530, 10], [530, -10]],
    ],
)
def test_longitudes_run_on_across_180(ring: list[list[float]]) -> None:
    area = area_from_geojson(polygon(ring))
    west, _, east, _ = area.geometry.bounds
    assert west >= -180 and east <= 180
    whole = ring[0][0] != 530
    assert has(area, (175, 0), (-175, 0), (180, 0), (-180, 0), (165, 0), (0, 0)) == [
        True,
        whole,
        True,
        True,
        False,
        False,
    ]


def test_a_hole_follows_its_shell_across_180() -> None:
    shell = [[170, -10], [190, -10], [190, 10], [170, 10], [170, -10]]
    area = area_from_geojson(polygon(shell, [[-178, -1], [-176, -1], [-176, 1], [-178, 1], [-178, -1]]))
    assert has(area, (-177, 0), (-179, 0), (-175, 0)) == [False, True, True]


def test_the_whole_world_stays_the_whole_world() -> None:
    area = area_from_geojson(polygon([[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]))
    assert area.geometry.area == 360 * 180


def test_circles_and_buffers() -> None:
    point = {"type": "Point", "coordinates": [113.6, 34.7]}
    line = {"type": "LineString", "coordinates": [[113.0, 34.0], [114.0, 34.0]]}
    round_ = area_from_geojson(feature(point, radius_km=10))
    assert isinstance(round_, Circle) and has(round_, (113.6, 34.7), (113.7, 34.7), (113.72, 34.7)) == [
        True,
        True,
        False,
    ]
    along = area_from_geojson(feature(line, buffer_km=5))
    assert isinstance(along, Buffered)
    assert has(along, (113.5, 34.04), (113.5, 34.06), (112.96, 34), (112.9, 34)) == [True, False, True, False]
    several = {"type": "MultiLineString", "coordinates": [line["coordinates"], [[116, 36], [116, 37]]]}
    assert has(area_from_geojson(feature(several, buffer_km=5)), (116.01, 36.5), (115, 35)) == [True, False]
    spots = {"type": "MultiPoint", "coordinates": [[113, 34], [115, 34]]}
    assert has(area_from_geojson(feature(spots, buffer_km=5)), (113, 34.01), (114, 34), (115, 34)) == [
        True,
        False,
        True,
    ]
    mixed = {"type": "FeatureCollection", "features": [feature(point, radius_km=10), feature(polygon(SQUARE))]}
    area = area_from_geojson(mixed)
    assert isinstance(area, Several) and has(area, (113.6, 34.7), (113.1, 34.1), (113.6, 35.2)) == [True, True, False]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (None, "area.not_geojson"),
        ([SQUARE], "area.not_geojson"),
        ({"type": 7}, "area.not_geojson"),
        ({"type": "FeatureCollection"}, "area.not_geojson"),
        ({"type": "FeatureCollection", "features": []}, "area.empty"),
        (feature(None), "area.empty"),
        ({"type": "Point", "coordinates": [113, 34]}, "area.kind"),
        ({"type": "Sphere", "coordinates": []}, "area.kind"),
        (feature({"type": "Point", "coordinates": [113, 34]}, radius_km=-1), "area.distance"),
        (feature({"type": "Point", "coordinates": [113, 34]}, radius_km="10"), "area.distance"),
        (feature({"type": "Point", "coordinates": [113, 34]}, radius_km=float("nan")), "area.distance"),
        (feature({"type": "Point"}, radius_km=1), "area.coordinates"),
        (feature({"type": "MultiPoint", "coordinates": []}, buffer_km=1), "area.coordinates"),
        ({"type": "Polygon"}, "area.coordinates"),
        ({"type": "Polygon", "coordinates": []}, "area.coordinates"),
        ({"type": "Polygon", "coordinates": [[]]}, "area.coordinates"),
        ({"type": "MultiPolygon", "coordinates": [SQUARE]}, "area.coordinates"),
        (polygon([[113, 34], "x", [114, 35]]), "area.coordinates"),
        (polygon([[113], [114], [115]]), "area.coordinates"),
        (polygon([[113, 34], [114, None], [114, 35]]), "area.coordinates"),
        (polygon([[113, 34], [114, float("nan")], [114, 35]]), "area.out_of_range"),
        (polygon([[34, 113], [35, 113], [35, 114]]), "area.out_of_range"),
        (polygon([[12_650_000, 4_100_000], [12_660_000, 4_100_000], [12_660_000, 4_110_000]]), "area.out_of_range"),
        (polygon([[113, 34], [114, 34], [113, 34]]), "area.too_few_points"),
        (polygon([[113, 34], [114, 34]]), "area.too_few_points"),
        (polygon(SQUARE, [[x + 5, y] for x, y in INNER]), "area.hole_outside"),
        (polygon([[113, 34], [114, 35], [114, 34], [113, 35], [113, 34]]), "area.self_crossing"),
    ],
)
def test_what_is_no_area_is_refused_in_both_languages(found: Any, code: str) -> None:
    with pytest.raises(AreaFault) as refused:
        area_from_geojson(found)
    fault = refused.value
    assert fault.code == code and fault.http == 422
    assert fault.zh.endswith(fault.remedy[0]) and fault.en.endswith(fault.remedy[1])
    assert fault.as_dict("en")["remedy"] == {"zh": fault.remedy[0], "en": fault.remedy[1]}


def test_a_crossing_is_named_with_its_place() -> None:
    with pytest.raises(AreaFault) as refused:
        area_from_geojson(polygon([[113, 34], [114, 35], [114, 34], [113, 35], [113, 34]]))
    assert refused.value.at == [113.5, 34.5] and "113.5, 34.5" in refused.value.zh and "113.5, 34.5" in refused.value.en


def test_deep_nesting_is_refused() -> None:
    found: Any = polygon(SQUARE)
    for _ in range(30):
        found = {"type": "GeometryCollection", "geometries": [found]}
    with pytest.raises(AreaFault):
        area_from_geojson(found)


def test_an_outline_of_our_own_is_mended() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    area = area_of(bow, ("4101",))
    assert isinstance(area, Divisions) and area.codes == ("4101",) and area.geometry.is_valid
    assert has(area, (0.2, 1.0), (1.0, 0.2)) == [True, False]


def test_a_box_across_180() -> None:
    assert has(box(170, -5, -170, 5), (175, 0), (-175, 0), (0, 0)) == [True, True, False]


@pytest.mark.parametrize(
    ("lon", "lat", "km"), [(113, 34, 50), (179.8, 10, 100), (30, 89.5, 200), (0, -90, 300), (0, 0, 20_015)]
)
def test_the_drawing_of_a_circle_holds_all_of_it(lon: float, lat: float, km: float) -> None:
    generator = np.random.default_rng(3)
    drawn = circle(lon, lat, km).geometry
    x, y = generator.uniform(-180, 180, 4000), np.degrees(np.arcsin(generator.uniform(-1, 1, 4000)))
    x[:2000] = (lon + generator.uniform(-4, 4, 2000) + 180) % 360 - 180
    y[:2000] = np.clip(lat + generator.uniform(-4, 4, 2000), -90, 90)
    inside = great_circle_km(x, y, lon, lat) <= km
    shapely.prepare(drawn)
    assert drawn.is_valid and shapely.intersects_xy(drawn, x[inside], y[inside]).all()
    far = great_circle_km(x, y, lon, lat) > km * 1.02 + 1
    assert not shapely.intersects_xy(drawn, x[far], y[far]).any()


def test_the_drawing_of_a_buffer_holds_all_of_it() -> None:
    area = buffered(shapely.LineString([(178, 30), (181, 32), (182, 31)]), 30)
    generator = np.random.default_rng(3)
    x, y = (generator.uniform(176, 184, 3000) + 180) % 360 - 180, generator.uniform(28, 34, 3000)
    inside = area.covers(x, y)
    assert inside.sum() > 100 and shapely.intersects_xy(area.geometry, x[inside], y[inside]).all()
