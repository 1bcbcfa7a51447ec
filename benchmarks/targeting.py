"""Who is inside a polygon: exact counts by class and positions among millions of points, beside a scan and PostGIS.

Words: `--write`; `--points 1000000,10000000`; `--without-postgis`. Every figure is of an answer that was compared with
trying every point by GEOS.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parent))

import _postgis

from anlan.site.bench import machine, publish, table
from anlan.territory.engine.area import Polygonal, circle
from anlan.territory.engine.points import PointIndex
from anlan.territory.engine.tiles import points_tile

CLASSES = 8
VERTICES = (100, 1_000, 10_000, 100_000)
# Of ten million points 200,000 and 2,400,000 lie inside.
SHARES = (0.02, 0.24)
HEADS = (
    "points", "vertices", "inside", "count by class (ms)", "positions (ms)", "scan + prepared (ms)", "PostGIS (ms)",
    "ahead of scan", "ahead of PostGIS", "exact",
)  # fmt: skip
TIMES = 15


def points(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return longitude, latitude and class: half spread over five degrees, half in 200 towns of different size."""
    generator = np.random.default_rng(20210720)
    lon, lat = generator.uniform(110.3, 116.7, count), generator.uniform(31.3, 36.4, count)
    towns = generator.uniform([110.3, 31.3], [116.7, 36.4], (200, 2))
    of = generator.choice(200, count // 2, p=np.arange(1, 201)[::-1] / np.arange(1, 201).sum())
    lon[: count // 2] = towns[of, 0] + generator.normal(0, 0.06, count // 2)
    lat[: count // 2] = towns[of, 1] + generator.normal(0, 0.05, count // 2)
    order = generator.permutation(count)
    return lon[order], lat[order], generator.integers(0, CLASSES, count).astype(np.uint8)


def outline(vertices: int, size: float) -> shapely.Polygon:
    """Return a lobed outline of so many vertices about `size` degrees across, rough like a coast when it has many."""
    generator = np.random.default_rng(vertices)
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    rough = 0.02 * generator.uniform(-1, 1, vertices) * min(1.0, 1000 / vertices)
    radius = 1 + 0.25 * np.sin(7 * angle + 1) + 0.1 * np.sin(23 * angle) + 0.03 * np.sin(101 * angle) + rough
    return shapely.Polygon(
        np.column_stack([113.4 + size * radius * np.cos(angle), 33.9 + size * radius * np.sin(angle)])
    )


def sized(index: PointIndex, vertices: int, wanted: int) -> shapely.Polygon:
    """Return the outline with about as many points inside as wanted."""
    low, high = 0.01, 4.0
    for _ in range(18):
        middle = (low + high) / 2
        few = index.count(Polygonal(outline(vertices, middle))) < wanted
        low, high = (middle, high) if few else (low, middle)
    return outline(vertices, high)


def timed(act: Callable[[Any], Any], given: Sequence[Any]) -> list[float]:
    """Return the milliseconds of one run for each thing given, ascending."""
    found = []
    for one in given:
        started = time.perf_counter()
        act(one)
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)


def scan(
    lon: np.ndarray, lat: np.ndarray, classes: np.ndarray, shape: shapely.Polygon
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and counts by class by comparing every point with the bounding box and testing those in it."""
    west, south, east, north = shape.bounds
    rows = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    shapely.prepare(shape)
    rows = rows[shapely.intersects_xy(shape, lon[rows], lat[rows])]
    return rows, np.bincount(classes[rows], minlength=CLASSES)


def fresh(shape: shapely.Polygon, times: int = 1) -> list[shapely.Polygon]:
    """Return the same outline some times, each with nothing prepared, as a request brings it."""
    return [shapely.from_wkb(shapely.to_wkb(shape)) for _ in range(times)]


def measure(count: int, server: Any) -> tuple[list[Sequence[object]], str]:
    """Return the rows of the table for so many points, and what else was seen."""
    lon, lat, classes = points(count)
    started = time.perf_counter()
    index, order = PointIndex.build(lon, lat, classes, CLASSES)
    note = f"{count:,} points: built in {time.perf_counter() - started:.1f} s, {_mib(index):.0f} MiB; {_others(index)}."
    name = _postgis.load(server, lon, lat, classes) if server else ""
    rows = []
    for share in SHARES:
        for vertices in VERTICES:
            shape = sized(index, vertices, int(count * share))
            rows.append(_row(index, order, (lon, lat, classes), shape, server, name))
            print(" | ".join(map(str, rows[-1])), file=sys.stderr)
    return rows, note


def _row(
    index: PointIndex,
    order: np.ndarray,
    given: tuple[np.ndarray, np.ndarray, np.ndarray],
    shape: Any,
    server: Any,
    name: str,
) -> list[str]:
    lon, lat, classes = given
    every = fresh(shape)[0]
    shapely.prepare(every)
    truth = np.flatnonzero(shapely.intersects_xy(every, lon, lat))
    wanted = np.bincount(classes[truth], minlength=CLASSES)
    own = timed(lambda one: index.count_by_class(Polygonal(one)), fresh(shape, TIMES))
    ids = timed(lambda one: index.positions(Polygonal(one)), fresh(shape, TIMES))
    other = timed(lambda one: scan(lon, lat, classes, one), fresh(shape, 3))
    exact = (
        np.array_equal(index.count_by_class(Polygonal(shape)), wanted)
        and np.array_equal(np.sort(order[index.positions(Polygonal(shape))]), truth)
        and np.array_equal(scan(lon, lat, classes, every)[0], truth)
    )
    peer = "-"
    ahead = "-"
    if server:
        seconds, counts = _postgis.counted(server, name, shapely.to_wkb(shape), 3)
        exact = exact and [counts.get(number, 0) for number in range(CLASSES)] == wanted.tolist()
        peer, ahead = f"{seconds * 1000:,.0f}", f"{seconds * 1000 / own[TIMES // 2]:,.0f}×"
    middle = own[TIMES // 2]
    return [
        f"{len(lon):,}", f"{shapely.get_num_coordinates(shape) - 1:,}", f"{len(truth):,}", f"{middle:.1f} ({own[0]:.1f})",
        f"{ids[TIMES // 2]:.1f} ({ids[0]:.1f})", f"{other[1]:.0f}", peer, f"{other[1] / middle:.0f}×", ahead,
        "yes" if exact else "**NO**",
    ]  # fmt: skip


def _mib(index: PointIndex) -> float:
    return sum(values.nbytes for values in index.arrays().values()) / 2**20


def _others(index: PointIndex) -> str:
    """Return what a circle, the nearest points and tiles cost, medians in milliseconds."""

    def cost(act: Callable[[Any], Any]) -> str:
        return f"{timed(act, range(TIMES))[TIMES // 2]:.1f} ms"

    around = cost(lambda _: index.count_by_class(circle(113.62, 34.75, 50.0)))
    near = cost(lambda _: index.nearest(113.62, 34.75, 20))
    tiles = [
        f"z{at[0]} {cost(lambda _, at=at: points_tile(index, *at))}"
        for at in ((5, 26, 12), (8, 208, 101), (12, 3340, 1625))
    ]
    return f"a circle of 50 km {around}, the nearest 20 {near}, tiles {', '.join(tiles)}"


def main(words: list[str]) -> None:
    """Measure every size and print the table."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the throw-away server is stopped too
    sizes = words[words.index("--points") + 1] if "--points" in words else "1000000,10000000"
    why = "PostGIS was left out" if "--without-postgis" in words else _postgis.missing()
    rows: list[Sequence[object]] = []
    notes = [
        f"Medians of {TIMES} (least in brackets), each with a polygon not seen before; scan: bounding box over unsorted arrays, then"
        " prepared GEOS; PostGIS: best of up to three, GiST, everything in memory, both cores. Exact: counts by class and"
        " positions equal to GEOS tried on every point.",
    ]
    with ExitStack() as stack:
        server = None if why else stack.enter_context(_postgis.server())
        for size in sizes.split(","):
            more, note = measure(int(size), server)
            rows += more
            notes.append(note)
    if why:
        notes.append(f"{why[0].upper()}{why[1:]}.")
    publish(
        table("targeting", "Who is inside", HEADS, rows, note="  \n".join(notes)), "targeting", write="--write" in words
    )
    print(machine(), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
