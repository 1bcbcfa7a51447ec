"""Does a row's point lie in the division the row names? And if not: would it, were it another datum?

GCJ-02 and BD-09 points taken for WGS-84 lie some hundred metres off. A point that falls into its own division only after
the inverse shift was most likely stored under the wrong name; one deep inside can't be told by its place alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.kernel.geo import bd09_to_wgs84, gcj02_to_wgs84
from anlan.territory.engine.locate import Locator

Array = NDArray[np.float64]
METRES_PER_DEGREE = 111_194.93


class Border:
    """Outlines of counties (and of prefectures, for codes whose county has none) that points are held against."""

    def __init__(self, outlines: Mapping[str, BaseGeometry], stands_in: Mapping[str, str], tolerance_m: float) -> None:
        """`outlines`: code → geometry in degrees. `stands_in`: county without an outline → code of the outline it lies
        in (a functional zone's legal county). `tolerance_m`: how far outside is not doubted."""
        self.outlines = dict(outlines)
        self.stands_in = dict(stands_in)
        self.tolerance = tolerance_m / METRES_PER_DEGREE
        self.locator = Locator([(code, shape) for code, shape in outlines.items() if len(code) == 6])
        for shape in self.outlines.values():
            shapely.prepare(shape)

    def outline_of(self, division: str) -> str:
        """Return the code of the outline a division is held against, "" where there is none."""
        county = division[:6]
        for code in (county, self.stands_in.get(county, ""), division[:4]):
            if code in self.outlines:
                return code
        return ""

    def judge(
        self, lon: Array, lat: Array, division: NDArray[np.integer], codes: Sequence[str]
    ) -> tuple[NDArray[np.int64], dict[int, str], dict[int, str]]:
        """Return the rows outside their division, row → datum for those another datum puts inside, and for the rows
        outside the county they do lie in ("" where none). `division`: per row the place in `codes`."""
        keys = [self.outline_of(code) for code in codes]
        names = sorted(set(keys) - {""})
        group = np.array([names.index(key) if key else -1 for key in keys], dtype=np.int64)[division]
        outside: list[int] = []
        datum: dict[int, str] = {}
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(len(names) + 1))
        for place, name in enumerate(names):
            rows = order[starts[place] : starts[place + 1]]
            self._judge_one(self.outlines[name], rows, lon, lat, outside, datum)
        found = np.array(sorted(outside), dtype=np.int64)
        lies = self.locator.find_many(lon[found].tolist(), lat[found].tolist()) if len(found) else []
        return found, datum, dict(zip(found.tolist(), lies, strict=True))

    def _judge_one(
        self,
        shape: BaseGeometry,
        rows: NDArray[np.int64],
        lon: Array,
        lat: Array,
        outside: list[int],
        datum: dict[int, str],
    ) -> None:
        far = rows[~shapely.intersects_xy(shape, lon[rows], lat[rows])]
        if not len(far):
            return
        # Degrees of longitude are shorter than those of latitude: the tolerance is generous east and west.
        far = far[~shapely.dwithin(shape, shapely.points(lon[far], lat[far]), self.tolerance)]
        for name, turn in (("gcj02", gcj02_to_wgs84), ("bd09", bd09_to_wgs84)):
            inside = shapely.intersects_xy(shape, *turn(lon[far], lat[far]))
            datum |= dict.fromkeys(far[inside].tolist(), name)
            far = far[~inside]
        outside += far.tolist()
