"""Reads a scenario's field folder (stations, storm, anchors, levels, outages) and makes its readings from the seed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from anlan.kernel.problem import Invalid
from anlan.readiness.engine.rain_field import Anchor, RainField, field
from anlan.readiness.engine.rain_shape import Cell, Gauge, Grid
from anlan.readiness.engine.water_curve import Curve, curve

T = TypeVar("T")
STEP_S = 600


class FieldStation(NamedTuple):
    """A station of the scenario, as `monitoring.services.stations_register` wants it; `place` is a place's name."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    metric: str
    lon: float
    lat: float
    coord_src: str
    division: str
    place: str
    interval_s: int
    max_silence_s: int
    limits: dict[str, float]


class Outage(NamedTuple):
    """A station sends nothing in (after, until]; epoch seconds."""

    station: str
    after: int
    until: int


@dataclass(frozen=True)
class FieldSeries:
    """All readings of a scenario, sorted by time, then station: parallel arrays of station index, epoch second, value.

    `rain` is the whole field, outages included, for checking against the anchors.
    """

    stations: tuple[FieldStation, ...]
    station: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    rain: RainField

    @cached_property
    def _codes(self) -> list[str]:
        return [station.code for station in self.stations]

    def between(self, after: datetime, until: datetime) -> list[tuple[str, datetime, float]]:
        """Return the readings in (after, until] as rows for `monitoring.services.readings_take`."""
        first, last = np.searchsorted(self.at, [after.timestamp(), until.timestamp()], side="right")
        times: dict[int, datetime] = {}
        rows = []
        for index, second, value in zip(
            self.station[first:last].tolist(),
            self.at[first:last].tolist(),
            self.value[first:last].tolist(),
            strict=True,
        ):
            moment = times.get(second)
            if moment is None:
                moment = times[second] = datetime.fromtimestamp(second, UTC)
            rows.append((self._codes[index], moment, value))
        return rows


def read_anchors(folder: Path) -> list[Anchor]:
    """Return the published and assumed facts the rain must meet."""
    return _rows(folder / "anchors.csv", _anchor)


def read_field(folder: Path, seed: int) -> FieldSeries:
    """Return the readings of the scenario folder's `field/` for a seed. Raises Invalid naming file, line and remedy."""
    stations = tuple(sorted(_rows(folder / "stations.csv", _station)))
    anchors = read_anchors(folder)
    cells = _rows(folder / "storm.csv", _cell)
    outages = _rows(folder / "outages.csv", _outage)
    points = _rows(folder / "levels.csv", lambda row: (row["station"], _second(row["at"]), float(row["value"])))
    grid = Grid(min(a.after for a in anchors), max(a.until for a in anchors), STEP_S)
    gauges = [Gauge(s.code, s.lon, s.lat) for s in stations if s.kind == "rain"]
    known = {station.code for station in stations}
    for name in (*(a.station for a in anchors), *(o.station for o in outages), *(p[0] for p in points)):
        if name not in known and name != "*":
            raise _wrong("stations.csv", "code", name, "缺少该站，请补登记", f"has no station {name!r}; add it")
    try:
        rain = field(seed, anchors, gauges, cells, grid)
    except ValueError as error:
        raise _wrong("anchors.csv", "value", "", "约束互相矛盾", str(error)) from error
    curves = [
        (number, curve(station.code, points, grid.after, grid.until, station.interval_s))
        for number, station in enumerate(stations)
        if station.kind == "level"
    ]
    return _flat(stations, rain, curves, outages)


def _flat(
    stations: tuple[FieldStation, ...], rain: RainField, curves: list[tuple[int, Curve]], outages: list[Outage]
) -> FieldSeries:
    index = {station.code: number for number, station in enumerate(stations)}
    columns = np.array([index[code] for code in rain.codes], dtype=np.int64)
    station = np.concatenate((np.tile(columns, len(rain.at)), *(np.full(len(c.at), n) for n, c in curves)))
    at = np.concatenate((np.repeat(rain.at, len(columns)), *(c.at for _, c in curves)))
    value = np.concatenate((rain.mm.ravel(), *(c.value for _, c in curves)))
    kept = np.ones(len(at), dtype=bool)
    for outage in outages:
        kept &= ~((station == index[outage.station]) & (at > outage.after) & (at <= outage.until))
    order = np.lexsort((station, at))
    order = order[kept[order]]
    return FieldSeries(stations, station[order], at[order], value[order], rain)


def _rows(path: Path, make: Callable[[dict[str, str]], T]) -> list[T]:
    return list(_each(path, make))


def _each(path: Path, make: Callable[[dict[str, str]], T]) -> Iterator[T]:
    if not path.is_file():
        raise _wrong(path.name, "file", path.name, "文件不存在", "the file is missing")
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                yield make(row)
            except (KeyError, ValueError, TypeError) as error:
                raise _wrong(path.name, f"line {number}", row, "内容无法读取", f"can't be read ({error})") from error


def _second(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without offset: {text}")
    return int(moment.timestamp())


def _station(row: dict[str, str]) -> FieldStation:
    whole = {name: row[name] for name in FieldStation._fields}
    numbers: dict[str, Any] = {
        "lon": float(row["lon"]), "lat": float(row["lat"]), "interval_s": int(row["interval_s"]),
        "max_silence_s": int(row["max_silence_s"]), "limits": json.loads(row["limits"] or "{}"),
    }  # fmt: skip
    return FieldStation(**{**whole, **numbers})


def _anchor(row: dict[str, str]) -> Anchor:
    after, until = _second(row["from"]), _second(row["until"])
    fit = row["use"] == "fit"
    return Anchor(row["kind"], row["station"], after, until, float(row["value"]), float(row["tolerance"]), fit)


def _cell(row: dict[str, str]) -> Cell:
    names = ("spread_h", "lon", "lat", "along_km", "across_km", "bearing_deg", "drift_kmh", "amount")
    return Cell(row["phase"], _second(row["peak_at"]), *(float(row[name]) for name in names))


def _outage(row: dict[str, str]) -> Outage:
    return Outage(row["station"], _second(row["from"]), _second(row["until"]) if row["until"] else 2**40)


def _wrong(file: str, where: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="drill.field_invalid",
        zh=f"降雨场文件 {file} 的 {where} 有误：{zh}。",
        en=f"Field file {file}, {where}: {en}.",
        field=f"{file}:{where}",
        value=str(value),
    )
