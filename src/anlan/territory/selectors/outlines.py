"""Outlines as geometry."""

from __future__ import annotations

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.territory.models import Boundary


def outlines_in_force(area: str = "") -> dict[str, BaseGeometry]:
    """Return code → outline in degrees of the divisions in force inside `area` ("": all). One query."""
    rows = Boundary.objects.filter(division__code__startswith=area, division__valid_to__isnull=True)
    return {
        code: shape(geometry) for code, geometry in rows.order_by("division_id").values_list("division_id", "geojson")
    }


def outlines_below(parent: str) -> dict[str, BaseGeometry]:
    """Return code → outline of a division and of those right below it, as far as they have one. One query."""
    rows = Boundary.objects.filter(division__parent_id=parent, division__valid_to__isnull=True)
    rows = rows | Boundary.objects.filter(division_id=parent)
    return {code: shape(geometry) for code, geometry in rows.values_list("division_id", "geojson")}
