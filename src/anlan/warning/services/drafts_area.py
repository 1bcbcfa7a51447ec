"""The area of a warning being written (预警范围): drawn, a basin, round something; and the divisions it stands for.

Preview, targeting and the CAP file all go by the divisions; the outline goes out with them as polygons and circles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.monitoring.selectors.areas import area_one, areas_list
from anlan.monitoring.selectors.signal_one import signal_one
from anlan.territory.engine.area import area_from_geojson
from anlan.territory.selectors import township_points
from anlan.territory.selectors.outlines import outlines_in_force
from anlan.warning.engine.outlines import cells, hull_outline, touches
from anlan.warning.selectors.spots import spot_get
from anlan.warning.services.checks import check_area

COUNTY: Final = 6
# A basin reaches so far beyond the hull of its gauges (a default, mark G).
BASIN_KM: Final = 5.0
MOST_KM: Final = 500.0


@dataclass(frozen=True, slots=True)
class Placed:
    """An area: how it was given (choices_drafts.AREA_KINDS), what it was drawn as, and its divisions."""

    kind: str
    outline: Mapping[str, Any] | None
    area: tuple[str, ...]


def drawn(scope: Scope, outline: Mapping[str, Any]) -> Placed:
    """A polygon, circle or line with a width, as drawn on the map. Raises AreaFault, Invalid `draft.outline`."""
    first = outline.get("geometry") or outline
    line = isinstance(first, Mapping) and first.get("type") in ("LineString", "MultiLineString")
    return Placed("buffer" if line else "drawn", outline, outline_divisions(scope, outline))


def basin(scope: Scope, code: str) -> Placed:
    """A basin (流域) that monitoring knows: what lies within 5 km of the hull of its gauges inside the scope."""
    found = area_one(scope, code)
    outline = _feature(hull_outline(found["points"], BASIN_KM), basin=code, name=found["name"])
    return Placed("basin", outline, outline_divisions(scope, outline))


def around(scope: Scope, of: str, km: float) -> Placed:
    """So many kilometres round a station, place or unit (`selectors.spots`). Raises Invalid `draft.km`, NotFound."""
    if not 0 < km <= MOST_KM:
        raise Invalid(code="draft.km", zh=f"半径须大于0且不超过{MOST_KM:g}公里。", field="km", value=km,
                      en=f"The radius has to be more than 0 and at most {MOST_KM:g} km.")  # fmt: skip
    spot = spot_get(scope, of)
    name = {"zh": f"{spot['name']['zh']}周围{km:g}公里", "en": f"{km:g} km round {spot['name']['en']}"}
    outline = _feature({"type": "Point", "coordinates": [spot["lon"], spot["lat"]]}, radius_km=km, of=of, name=name)
    return Placed("buffer", outline, outline_divisions(scope, outline))


def of_signal(scope: Scope, signal: UUID) -> Placed:
    """The area of a signal: the basin where it is one's, else the county its station stands in."""
    row = signal_one(scope, signal)["row"]
    if row.area is not None and areas_list(scope, row.area.code):
        found = basin(scope, row.area.code)
        return Placed("signal", found.outline, found.area)
    return Placed("signal", None, check_area([row.division[:COUNTY]]))


def outline_divisions(scope: Scope, outline: Mapping[str, Any]) -> tuple[str, ...]:
    """The divisions inside the scope an outline stands for: a county that lies in it whole, else those of its townships
    that it touches.

    A township's outline is not known: it is the part of its county that is nearer to its seat than to another's.
    """
    return _divisions(scope, area_from_geojson(outline).geometry)


def _divisions(scope: Scope, shape: Any) -> tuple[str, ...]:
    found: list[str] = []
    for code, county in sorted(outlines_in_force().items()):
        if len(code) != COUNTY or not shape.intersects(county):
            continue
        if shape.covers(county):
            found += [code] if scope.covers(code) else [one for one in scope.prefixes if one.startswith(code)]
            continue
        if not touches(shape, county):
            continue
        towns = township_points(code)
        parts = cells([(town["lon"], town["lat"]) for town in towns], county)
        own = [town["code"] for town, part in zip(towns, parts, strict=True) if touches(shape, part)]
        found += _in_scope(scope, own or [code])
    if not found:
        raise Invalid(
            code="draft.outline",
            zh="所画范围不涉及本辖区的任何区划；请在辖区内重画，或直接选择区划。",
            en="What was drawn touches no division of your area; draw it there, or choose divisions.",
            field="outline",
        )
    return check_area(found)


def _in_scope(scope: Scope, codes: Sequence[str]) -> list[str]:
    """Of these divisions what lies in the scope: themselves, or the part of one that is the reader's."""
    inside = [code for code in codes if scope.covers(code)]
    return inside + [one for code in codes for one in scope.prefixes if one.startswith(code) and one != code]


def area_agrees(kind: str, outline: Mapping[str, Any] | None, area: Sequence[str]) -> None:
    """Invalid `draft.area_outline` where outline and divisions speak of different areas: what the file shows and whom it
    calls must be one thing."""
    if outline is None:
        return
    stands = outline_divisions(Scope.whole(), outline)
    apart = [code for code in area if not any(code.startswith(one) or one.startswith(code) for one in stands)]
    if kind == "divisions" or apart:
        raise Invalid(
            code="draft.area_outline", field="area", value=",".join(apart) or kind,
            zh="区划与所画范围不一致；请重画，或只按区划制作（不带所画范围）。",
            en="The divisions and what was drawn are not one area; draw it again, or choose divisions without an outline.",
        )  # fmt: skip


def _feature(geometry: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": dict(geometry), "properties": properties}
