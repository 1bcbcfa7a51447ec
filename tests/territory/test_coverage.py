"""Outlines that do not fit together are found, with their area; those that do give no finding."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from anlan.territory.engine.coverage import area_km2, coverage_findings, overlaps_of
from anlan.territory.sources import embedded

LAND = {
    item["properties"]["code"]: shape(item["geometry"])
    for name in ("prefectures", "counties")
    for item in embedded.features(name)
}
CODES = [code for code in embedded.divisions() if len(code) in (4, 6)]


def squares(count: int, codes: tuple[str, ...]) -> dict[str, shapely.Polygon]:
    """The prefecture 4101 as one box of `count` by 1 tenths of a degree, its counties side by side in it."""
    found = {code: shapely.box(113 + n / 10, 34, 113 + (n + 1) / 10, 34.1) for n, code in enumerate(codes)}
    return {"4101": shapely.box(113, 34, 113 + count / 10, 34.1), **found}


THREE = ("410102", "410103", "410104")


def kinds(found: object) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.kind, item.codes) for item in found]  # type: ignore[attr-defined]


def test_areas_are_those_of_the_ellipsoid() -> None:
    assert area_km2(shapely.box(-180, -90, 180, 90)) == pytest.approx(510_065_621.724, rel=1e-9)  # WGS-84, published
    for south in (0, 34, 60):
        assert area_km2(shapely.box(0, south, 1, south + 1)) == pytest.approx(by_strips(south, south + 1), rel=1e-9)


def by_strips(south: float, north: float, count: int = 20_000) -> float:
    """Area of one degree of longitude between two latitudes: strips of the ellipsoid, midpoint rule, km²."""
    a, e2 = 6378.137, 0.00669437999014
    edges = np.radians(np.linspace(south, north, count + 1))
    middle = (edges[1:] + edges[:-1]) / 2
    w2 = 1 - e2 * np.sin(middle) ** 2
    strips = a * (1 - e2) / w2**1.5 * a / w2**0.5 * np.cos(middle)
    return float(np.sum(strips) * (edges[1] - edges[0]) * np.radians(1))


def test_counties_that_tile_their_prefecture_are_sound() -> None:
    assert coverage_findings(["4101", *THREE], squares(3, THREE)) == ()


def test_a_missing_county_leaves_the_parent_unfilled_and_is_named() -> None:
    found = coverage_findings(["4101", *THREE], squares(3, THREE[:2]))
    assert kinds(found) == [("unfilled", ("4101",)), ("no_outline", ("410104",))]
    assert found[0].area_km2 == pytest.approx(area_km2(shapely.box(113.2, 34, 113.3, 34.1)), abs=1e-3)
    assert (found[0].lon, found[0].lat) == (pytest.approx(113.25, abs=0.01), pytest.approx(34.05, abs=0.001))


def test_overlap_gap_and_reach_beyond_the_parent() -> None:
    land = squares(3, THREE)
    land["410102"] = shapely.box(113, 34, 113.12, 34.1)
    land["410103"] = shapely.box(113.1, 34, 113.2, 34.1) - shapely.box(113.14, 34.03, 113.16, 34.06)
    land["410104"] = shapely.box(113.2, 34, 113.35, 34.1)
    found = coverage_findings(["4101", *THREE], land)
    assert kinds(found) == [("overlap", ("410102", "410103")), ("gap", ("4101",)), ("beyond", ("410104", "4101"))]
    assert [item.area_km2 for item in found] == [
        pytest.approx(area_km2(box), rel=1e-3)
        for box in (
            shapely.box(113.1, 34, 113.12, 34.1),
            shapely.box(113.14, 34.03, 113.16, 34.06),
            shapely.box(113.3, 34, 113.35, 34.1),
        )
    ]
    without_parent = {code: shape for code, shape in land.items() if code != "4101"}
    assert ("gap", ("4101",)) in kinds(coverage_findings(THREE, without_parent))


def test_broken_outlines_strangers_and_zones() -> None:
    land = squares(3, THREE)
    land["410103"] = shapely.Polygon([(113.1, 34), (113.2, 34.1), (113.2, 34), (113.1, 34.1)])
    land["410199"] = shapely.box(120, 30, 121, 31)
    land["410171"] = shapely.box(113.05, 34.02, 113.15, 34.08)  # a zone across two counties
    found = coverage_findings(["4101", *THREE, "410171", "410172"], land)
    assert ("broken", ("410103",)) in kinds(found)
    assert "Self-intersection" in next(item.detail for item in found if item.kind == "broken")
    assert ("no_division", ("410199",)) in kinds(found)
    assert not any("410171" in item.codes or "410172" in item.codes for item in found)


def test_the_tolerance_decides_what_is_too_small() -> None:
    land = squares(3, THREE)
    land["410102"] = shapely.box(113, 34, 113.1001, 34.1)
    sliver = area_km2(shapely.box(113.1, 34, 113.1001, 34.1))
    assert coverage_findings(["4101", *THREE], land, tolerance_km2=sliver * 1.1) == ()
    assert len(coverage_findings(["4101", *THREE], land, tolerance_km2=sliver * 0.9)) == 1


def test_the_shipped_outlines_fit_together() -> None:
    found = coverage_findings(CODES, LAND)
    assert found == ()


def test_a_prefecture_without_counties_is_filled_by_its_townships() -> None:
    land = {"4419": shapely.box(113, 23, 113.2, 23.1), "441900003": shapely.box(113, 23, 113.1, 23.1)}
    assert kinds(coverage_findings(["4419", "441900003", "441900101"], land)) == [
        ("unfilled", ("4419",)), ("no_outline", ("441900101",))
    ]  # fmt: skip


@settings(max_examples=60)
@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_shares_of_an_old_outline_add_up(cut: float, other: float) -> None:
    old = {"410102": shapely.box(113, 34, 114, 35)}
    new = {
        "410102": shapely.box(113, 34, 113 + cut, 35),
        "410103": shapely.box(113 + cut, 34, 114, 35),
        "4101": old["410102"],
    }
    found = overlaps_of(old, new, least=0)
    assert {pair[1] for pair in found} == {"410102", "410103"}
    assert sum(found.values()) == pytest.approx(1, abs=2e-4)
    assert found["410102", "410102"] == pytest.approx(cut, abs=1e-3)
    assert overlaps_of(old, {"410102": shapely.box(113 + other, 34, 115, 35)}, least=1.1) == {}
