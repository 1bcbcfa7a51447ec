"""Map tiles of millions of points: each point while they are few, clusters with counts by class while they are many.

A tile of the web mercator grid (EPSG:3857, z/x/y as all web maps count) is asked for by its box in degrees. Clusters
are cells of the quadtree, each in the one tile that holds its middle, so that neighbouring tiles count nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.territory.engine import curve
from anlan.territory.engine.cover import Cover
from anlan.territory.engine.curve import BITS, Codes, Floats, Ints
from anlan.territory.engine.extent import Mask, box
from anlan.territory.engine.mvt import EXTENT, Coded, PointLayer, encode_layers
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.raster import spread

__all__ = ["Coded", "points_tile", "tile_box"]

LIMIT = 20_000  # points in one tile above which clusters are shown
BUFFER = 64  # units around a tile in which points are given too, so that symbols are not cut at its edge
GRID = 5  # a tile's clusters are cells this many levels below it: 32 side by side


def tile_box(z: int, x: int, y: int, buffer: int = 0) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile in degrees, widened by `buffer` 4096ths of its side, within ±180."""
    side, margin = 1 << z, buffer / EXTENT
    if not (0 <= z <= 30 and 0 <= x < side and 0 <= y < side):
        raise ValueError(f"there is no tile {z}/{x}/{y}")
    west, east = (360.0 * v / side - 180.0 for v in (x - margin, x + 1 + margin))
    south, north = (
        float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * v / side))))) for v in (y + 1 + margin, y - margin)
    )
    return max(west, -180.0), south, min(east, 180.0), north


def points_tile(
    index: PointIndex,
    z: int,
    x: int,
    y: int,
    *,
    keep: Mask | None = None,
    ids: NDArray[Any] | None = None,
    properties: Mapping[str, Coded] | None = None,
    classes: Sequence[str] | None = None,
    limit: int = LIMIT,
) -> bytes:
    """Return the tile z/x/y as MVT; b"" when nothing is there. ValueError when there is no such tile.

    Up to `limit` points: layer "points", feature ids from `ids` [n] (else the positions), `properties` by position and
    "class". More: layer "clusters", each with "count", "class" (the commonest) and "n_<class>" of each class there is.
    `keep` bool[n] leaves out points; `classes` names the classes (else their numbers).
    """
    names = list(classes or map(str, range(index.n_classes)))
    found = index.find(box(*tile_box(z, x, y, BUFFER)))
    position = None if keep is None and found.total > limit else _kept(found, keep)
    if position is not None and len(position) <= limit:
        given = {name: coded.take(position) for name, coded in (properties or {}).items()}
        given["class"] = Coded(index.classes[position].astype(np.int64), names)
        px, py = _place(index.lon[position], index.lat[position], z, x, y)
        return encode_layers([PointLayer("points", px, py, position if ids is None else ids[position], given)])
    cell, level = _cells(z, x, y)
    low, high = index.sorted.runs(cell, level)
    if position is None:
        full = low < high
        middle, counts = (low[full] + high[full]) // 2, index.counts_by_run(low[full], high[full])
    else:
        first, beyond = np.searchsorted(position, low), np.searchsorted(position, high)
        full = first < beyond
        middle = position[(first[full] + beyond[full]) // 2]
        counts = _counts(index, position, first[full], beyond[full])
    return encode_layers([_clusters(index, middle, counts, cell[full], names, (z, x, y))])


def _kept(found: Cover, keep: Mask | None) -> Ints:
    """Return the positions found that are kept; of long runs without writing out those that aren't."""
    if keep is None:
        return found.positions()
    runs = [np.flatnonzero(keep[a:b]) + a for a, b in zip(found.low.tolist(), found.high.tolist(), strict=True)]
    kept = np.concatenate([*runs, found.single[keep[found.single]]])
    kept.sort()
    return kept


def _place(lon: Floats, lat: Floats, z: int, x: int, y: int) -> tuple[Ints, Ints]:
    """Return where points lie in a tile, in 4096ths of its side from its north-west corner."""
    side = 1 << z
    across = (lon + 180.0) / 360.0 * side - x
    down = (0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2.0 * np.pi)) * side - y
    return np.floor(across * EXTENT).astype(np.int64), np.floor(down * EXTENT).astype(np.int64)


def _cells(z: int, x: int, y: int) -> tuple[Codes, int]:
    """Return the cells, ascending, whose middle lies in the tile, and their level."""
    level = min(z + GRID, BITS)
    per = 1 << (level - z)
    _, south, _, north = tile_box(z, x, y)
    first, beyond = (int(np.ceil(curve.rows(np.array(v)) * 2.0 ** (level - BITS) - 0.5)) for v in (south, north))
    # The outermost tiles take all there is up to the poles; latitude 90 has a row of its own.
    first, beyond = 0 if y == (1 << z) - 1 else first, (1 << level - 1) + 1 if y == 0 else beyond
    column, row = np.meshgrid(np.arange(x * per, (x + 1) * per), np.arange(first, max(beyond, first)))
    cell = curve.interleave(column.ravel(), row.ravel())
    cell.sort()
    return cell, level


def _counts(index: PointIndex, position: Ints, first: Ints, beyond: Ints) -> Ints:
    """Return how many of each class there are in stretches of what was kept, i64[stretches, n_classes]."""
    at, stretch = spread(first, beyond - first)
    flat = np.bincount(stretch * index.n_classes + index.classes[position[at]], minlength=len(first) * index.n_classes)
    return flat.reshape(len(first), index.n_classes).astype(np.int64)


def _clusters(
    index: PointIndex, middle: Ints, counts: Ints, cell: Codes, names: Sequence[str], tile: tuple[int, int, int]
) -> PointLayer:
    px, py = _place(index.lon[middle], index.lat[middle], *tile)
    given = {
        "count": _numbers(counts.sum(axis=1)),
        "class": Coded(counts.argmax(axis=1) if len(counts) else middle, names),
    }
    for number in np.flatnonzero(counts.any(axis=0)).tolist():
        given[f"n_{names[number]}"] = _numbers(counts[:, number])
    return PointLayer("clusters", px, py, cell.astype(np.int64), given)


def _numbers(count: Ints) -> Coded:
    """Return counts as a property; none where the count is 0."""
    values, codes = np.unique(count, return_inverse=True)
    return Coded(np.where(count > 0, codes, -1), values.tolist())
