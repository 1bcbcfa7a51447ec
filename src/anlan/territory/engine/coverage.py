"""Do the outlines of a territory fit together: gaps, overlaps of neighbours, children that don't fill their parent,
divisions without an outline and outlines without a division.

Areas are ellipsoidal: longitude and latitude are turned into an equal-area plane (cylindrical, authalic latitude on the
WGS-84 ellipsoid) and measured there, in km². An edge counts as straight in that plane; for edges of some kilometres the
difference to a geodesic is far below any tolerance worth setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.territory.codes import is_zone, level_of, parent_of

SEMI_MAJOR_KM = 6378.137
ECCENTRICITY = 0.0818191908426215
TOLERANCE_KM2 = 0.1
KINDS = ("broken", "overlap", "gap", "beyond", "unfilled", "no_outline", "no_division")


@dataclass(frozen=True)
class Finding:
    """One thing wrong: `kind` of KINDS, the codes concerned, its area in km² (0 where it has none), and a point in it
    (degrees; None where there is none). `detail`: what GEOS says of a broken outline."""

    kind: str
    codes: tuple[str, ...]
    area_km2: float = 0.0
    lon: float | None = None
    lat: float | None = None
    detail: str = ""


def equal_area(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry in degrees (WGS-84) in an equal-area plane, coordinates in km."""
    return shapely.transform(geometry, _plane)


def area_km2(geometry: BaseGeometry) -> float:
    """Return the area of a geometry in degrees in km², on the WGS-84 ellipsoid."""
    return float(shapely.area(equal_area(geometry)))


def coverage_findings(
    divisions: Iterable[str], outlines: Mapping[str, BaseGeometry], tolerance_km2: float = TOLERANCE_KM2
) -> tuple[Finding, ...]:
    """Return what is wrong with the outlines of these divisions, by kind, largest first.

    `divisions` are the codes in force, `outlines` code → geometry in degrees. Pieces smaller than `tolerance_km2` are
    let pass: neighbours traced apart never share an edge exactly. Statistical zones lie across legal divisions: they
    are not missed when they have no outline, and overlap only with one another.
    """
    codes = set(divisions)
    sound = {code: shape for code, shape in sorted(outlines.items()) if shapely.is_valid(shape) and not shape.is_empty}
    found = [_broken(code, shape) for code, shape in sorted(outlines.items()) if code not in sound]
    found += _bare(codes, outlines)
    flat = {code: equal_area(shape) for code, shape in sound.items() if code in codes}
    for parent, siblings in sorted(_families(flat).items()):
        found += _overlaps(siblings, flat, tolerance_km2)
        if parent.endswith("/zone"):
            continue
        found += _filling(parent, siblings, flat, tolerance_km2)
    return tuple(sorted(found, key=lambda item: (KINDS.index(item.kind), -item.area_km2, item.codes)))


def overlaps_of(
    old: Mapping[str, BaseGeometry], new: Mapping[str, BaseGeometry], least: float = 0.05
) -> dict[tuple[str, str], float]:
    """Return (old, new) → share of the old outline's area inside the new one, where at least `least`; broken outlines
    tell nothing. For `editions.diff`; codes of different levels are not compared."""
    sides = [
        {code: equal_area(shape) for code, shape in sorted(side.items()) if shapely.is_valid(shape)}
        for side in (old, new)
    ]
    codes, shapes = list(sides[1]), list(sides[1].values())
    tree = shapely.STRtree(shapes)
    found: dict[tuple[str, str], float] = {}
    for code, shape in sides[0].items():
        for at in sorted(tree.query(shape, predicate="intersects").tolist()):
            if len(codes[at]) == len(code):
                share = shapely.area(shapely.intersection(shape, shapes[at])) / max(shapely.area(shape), 1e-12)
                found |= {(code, codes[at]): round(float(share), 4)} if share >= least else {}
    return found


def _plane(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Authalic cylindrical equal-area projection of the WGS-84 ellipsoid; x and y in km."""
    e, s = ECCENTRICITY, np.sin(np.radians(lonlat[:, 1]))
    q = (1 - e * e) * (s / (1 - e * e * s * s) + np.arctanh(e * s) / e)
    return np.column_stack([SEMI_MAJOR_KM * np.radians(lonlat[:, 0]), SEMI_MAJOR_KM * q / 2])


def _lonlat(point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Back from the plane, good to some metres: only to show where something is."""
    e2 = ECCENTRICITY**2
    pole = 1 + (1 - e2) * np.arctanh(ECCENTRICITY) / ECCENTRICITY
    authalic = np.arcsin(np.clip(2 * point[:, 1] / (SEMI_MAJOR_KM * pole), -1, 1))
    lat = authalic + (e2 / 3 + 31 * e2 * e2 / 180) * np.sin(2 * authalic)
    return np.column_stack([np.degrees(point[:, 0] / SEMI_MAJOR_KM), np.degrees(lat)])


def _broken(code: str, shape: BaseGeometry) -> Finding:
    why = "Empty" if shape.is_empty else str(shapely.is_valid_reason(shape))
    return Finding("broken", (code,), detail=why)


def _bare(codes: set[str], outlines: Mapping[str, BaseGeometry]) -> list[Finding]:
    """Divisions without an outline, at the levels that have any; outlines without a division."""
    levels = {level_of(code) for code in outlines}
    missing = [code for code in sorted(codes) if level_of(code) in levels and code not in outlines]
    own = [Finding("no_outline", (code,)) for code in missing if not is_zone(code) and not _stands_for(code, codes)]
    return own + [Finding("no_division", (code,)) for code in sorted(outlines) if code not in codes]


def _stands_for(code: str, codes: set[str]) -> bool:
    """A placeholder rung (4190) has no land of its own; one that has children may lack an outline."""
    return (
        level_of(code) == 2 and code.endswith("90") and any(other.startswith(code) for other in codes if other != code)
    )


def _families(flat: Mapping[str, BaseGeometry]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in sorted(flat):
        key = parent_of(code) + ("/zone" if is_zone(code) and level_of(code) == 3 else "")
        found.setdefault(key, []).append(code)
    return found


def _overlaps(siblings: Sequence[str], flat: Mapping[str, BaseGeometry], tolerance: float) -> list[Finding]:
    shapes = [flat[code] for code in siblings]
    found = []
    for one, two in sorted(zip(*shapely.STRtree(shapes).query(shapes, predicate="intersects").tolist(), strict=True)):
        if one < two:
            both = shapely.intersection(shapes[one], shapes[two])
            if shapely.area(both) > tolerance:
                found.append(_piece("overlap", (siblings[one], siblings[two]), both))
    return found


def _filling(parent: str, siblings: Sequence[str], flat: Mapping[str, BaseGeometry], tolerance: float) -> list[Finding]:
    """Holes among the siblings, and what they leave of the parent or reach beyond it, piece by piece.

    A hole round which the siblings close is a gap; what they leave at the parent's edge is "unfilled".
    """
    whole = shapely.union_all([flat[code] for code in siblings])
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in getattr(part, "interiors", ())]
    above = flat.get(parent)
    if above is None:
        return [_piece("gap", (parent,), hole) for hole in holes if shapely.area(hole) > tolerance]
    left = _pieces(shapely.difference(above, whole), tolerance)
    closed = shapely.union_all(holes) if holes else shapely.Polygon()
    found = [
        _piece("gap" if shapely.intersects(closed, shapely.point_on_surface(part)) else "unfilled", (parent,), part)
        for part in left
    ]
    for code in siblings:
        out = _pieces(shapely.difference(flat[code], above), tolerance)
        found += [_piece("beyond", (code, parent), part) for part in out]
    return found


def _pieces(shape: BaseGeometry, tolerance: float) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape).tolist() if shapely.area(part) > tolerance]


def _piece(kind: str, codes: tuple[str, ...], shape: BaseGeometry) -> Finding:
    at = shapely.transform(shapely.point_on_surface(shape), _lonlat)
    return Finding(kind, codes, round(float(shapely.area(shape)), 3), round(at.x, 3), round(at.y, 3))
