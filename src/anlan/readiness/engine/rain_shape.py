"""The shape of a storm before its amounts are fitted: drifting cells of rain, and noise that follows from the seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KM_PER_DEGREE = 111.2
TRACE_MM = 0.004
SLOW_STEPS = 3  # noise knots every half hour
_MASK = np.uint64(0xFFFFFFFFFFFFFFFF)


class Gauge(NamedTuple):
    """A rain gauge at WGS-84 degrees."""

    code: str
    lon: float
    lat: float


class Cell(NamedTuple):
    """A cell of rain: where and when it is strongest, how wide (km along and across its bearing), how long (hours),
    how fast it drifts along its bearing, and how much it brings at its centre (mm)."""

    name: str
    peak_at: int
    spread_h: float
    lon: float
    lat: float
    along_km: float
    across_km: float
    bearing_deg: float
    drift_kmh: float
    amount: float


class Grid(NamedTuple):
    """Times of the field: ends of steps of `step_s` in (after, until], epoch seconds."""

    after: int
    until: int
    step_s: int

    def times(self) -> Ints:
        """Return the end of each step."""
        return np.arange(self.after + self.step_s, self.until + 1, self.step_s, dtype=np.int64)


def shape(seed: int, gauges: Sequence[Gauge], cells: Sequence[Cell], at: Ints) -> Floats:
    """Return unfitted rain, shape (times, gauges): never negative, and nowhere quite zero so that it can be scaled."""
    lon = np.array([gauge.lon for gauge in gauges])
    lat = np.array([gauge.lat for gauge in gauges])
    rain = np.full((len(at), len(gauges)), TRACE_MM)
    for cell in cells:
        hours = (at - cell.peak_at) / 3600.0
        rain += _cell(cell, hours, lon, lat) * (at[1] - at[0]) / 3600.0
    for number, gauge in enumerate(gauges):
        rain[:, number] *= _noise(seed, gauge.code, len(at))
    return rain


def uniform(seed: int, name: str, count: int) -> Floats:
    """Return `count` numbers in [0, 1) that follow from seed and name alone (SplitMix64 over a hashed start)."""
    start = np.uint64(int.from_bytes(hashlib.blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()))
    with np.errstate(over="ignore"):
        z = start + (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) & _MASK)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    numbers: Floats = (z >> np.uint64(11)).astype(np.float64) / float(2**53)
    return numbers


def _cell(cell: Cell, hours: Floats, lon: Floats, lat: Floats) -> Floats:
    """Return the intensity (mm/h) of one cell over times and gauges; distances in km on a local plane."""
    east = (lon - cell.lon) * KM_PER_DEGREE * np.cos(np.radians(cell.lat))
    north = (lat - cell.lat) * KM_PER_DEGREE
    turn = np.radians(cell.bearing_deg)
    along = east * np.sin(turn) + north * np.cos(turn)
    across = east * np.cos(turn) - north * np.sin(turn)
    moved = along[None, :] - cell.drift_kmh * hours[:, None]
    space = np.exp(-0.5 * ((moved / cell.along_km) ** 2 + (across[None, :] / cell.across_km) ** 2))
    time = np.exp(-0.5 * (hours / cell.spread_h) ** 2) / (cell.spread_h * np.sqrt(2 * np.pi))
    intensity: Floats = cell.amount * space * time[:, None]
    return intensity


def _noise(seed: int, code: str, count: int) -> Floats:
    """Return a gauge's own factor per step: slow swells of half an hour and quick gusts of rain, mean near 1."""
    knots = count // SLOW_STEPS + 2
    slow = _normal(seed, f"{code}|slow", knots)
    swell = np.interp(np.arange(count) / SLOW_STEPS, np.arange(knots), slow)
    noise: Floats = np.exp(0.45 * swell + 0.22 * _normal(seed, f"{code}|quick", count) - 0.1)
    return noise


def _normal(seed: int, name: str, count: int) -> Floats:
    """Return standard normal numbers (the sum of twelve uniforms less six: close enough, and alike everywhere)."""
    drawn: Floats = uniform(seed, name, count * 12).reshape(count, 12).sum(axis=1) - 6.0
    return drawn
