"""The k points nearest to a place by great circle, exactly.

The neighbours on the curve give a distance within which k points surely lie; all points within it are then found by
cells, and the k nearest of them are the answer.
"""

from __future__ import annotations

import numpy as np

from anlan.territory.engine import curve
from anlan.territory.engine.cover import NONE, Mask, Sorted
from anlan.territory.engine.curve import Floats, Ints
from anlan.territory.engine.extent import circle
from anlan.territory.engine.sphere import great_circle_km
from anlan.territory.engine.within import within


def nearest(
    points: Sorted, lon: float, lat: float, k: int, *, max_km: float | None = None, keep: Mask | None = None
) -> tuple[Ints, Floats]:
    """Return up to `k` positions and their kilometres, nearest first, of equal ones the lower position first.

    `keep` bool[n] leaves out points, `max_km` those further away.
    """
    kept = None if keep is None else np.flatnonzero(keep)
    among = len(points) if kept is None else len(kept)
    if k <= 0 or not among:
        return NONE, np.empty(0, np.float64)
    place = int(points.before(curve.encode(np.array([lon]), np.array([lat])))[0])
    middle = place if kept is None else int(np.searchsorted(kept, place))
    beside = np.arange(max(middle - 2 * k, 0), min(middle + 2 * k, among))
    beside = beside if kept is None else kept[beside]
    km = great_circle_km(points.lon[beside], points.lat[beside], lon, lat)
    # Fewer than k beside means these are all there are.
    reach = float(np.partition(km, k - 1)[k - 1]) if len(km) > k else float(km.max())
    found = within(circle(lon, lat, reach if max_km is None else min(reach, max_km)), points).positions()
    found = found if keep is None else found[keep[found]]
    km = great_circle_km(points.lon[found], points.lat[found], lon, lat)
    order = np.lexsort((found, km))[:k]
    return found[order], km[order]
