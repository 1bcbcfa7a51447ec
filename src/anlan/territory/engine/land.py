"""What is known of a territory before anything is generated: divisions, villages, outlines, people, terrain, totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.territory.engine.spec import Hospital, NamedPlace, Unit

HILLY_M = 200.0  # a cell this high, or this much above or below its neighbours, counts as hills (mark: G)
STEP_M = 40.0


class Reference(NamedTuple):
    """A division of a list with its place in both trees."""

    unit: Unit
    parent: str | None
    legal_parent: str | None


class Outline(NamedTuple):
    """The outline of a division as GeoJSON geometry, and who is to be named for it."""

    code: str
    geometry: dict[str, Any]
    source: str


class Note(NamedTuple):
    """What was estimated because the territory's data does not say it, in both languages."""

    about: str
    zh: str
    en: str


@dataclass(frozen=True)
class Terrain:
    """A grid of heights, metres, north row first; `west` and `north` are the centre of the first cell, degrees."""

    height: NDArray[np.float64]
    west: float
    north: float
    step: float

    def hilly(self, lon: float, lat: float) -> bool:
        """Is there relief at this point that can hold a reservoir or slide? False outside the grid."""
        row, column = round((self.north - lat) / self.step), round((lon - self.west) / self.step)
        if not (0 <= row < self.height.shape[0] and 0 <= column < self.height.shape[1]):
            return False
        window = self.height[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        known = window[np.isfinite(window)]
        return bool(known.size) and bool(known.max() >= HILLY_M or known.max() - known.min() >= STEP_M)


@dataclass(frozen=True)
class Land:
    """A territory's data: embedded, or a folder's. All codes prefix form, all points WGS-84 degrees.

    `references`: province to township in code order; `villages` in code order. `outlines` are prepared shapes by county
    code. `totals`: what a territory (by name or code) must add up to. `terrain` None: not known.
    """

    name: str
    edition: str
    references: Mapping[str, Reference]
    villages: Sequence[Unit]
    population: Mapping[str, tuple[int, str]]
    boundaries: Sequence[Outline]
    outlines: Mapping[str, BaseGeometry]
    named: tuple[NamedPlace, ...] = ()
    hospitals: tuple[Hospital, ...] = ()
    terrain: Terrain | None = None
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
