"""Readings as columns: what every part of the engine takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int16]

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
SECOND = 1_000_000  # all times of the engine are whole microseconds since 1970, UTC


class Columns(NamedTuple):
    """Readings in arrays of one length: `series` int32 numbers, `at` int64 microseconds since 1970 (UTC), `value`
    float64 in the series' unit, `quality` int16 codes of monitoring.choices.Quality (0 good)."""

    series: NDArray[np.int32]
    at: Ints
    value: Floats
    quality: Codes

    def where(self, picked: Mask | Ints) -> Columns:
        """Return the rows that the mask or the places pick, in that order."""
        return Columns(self.series[picked], self.at[picked], self.value[picked], self.quality[picked])

    def with_value(self, value: Floats) -> Columns:
        """Return the same rows with other values."""
        return Columns(self.series, self.at, value, self.quality)

    def with_quality(self, quality: Codes) -> Columns:
        """Return the same rows with other codes of quality."""
        return Columns(self.series, self.at, self.value, quality)

    def __len__(self) -> int:
        return len(self.at)


def columns(
    series: Sequence[int] | NDArray[np.int32],
    at: Sequence[int] | Ints,
    value: Sequence[float] | Floats,
    quality: Sequence[int] | Codes | None = None,
) -> Columns:
    """Make columns of the engine's types; quality is good where it is not given."""
    codes = np.zeros(len(at), dtype=np.int16) if quality is None else np.asarray(quality, dtype=np.int16)
    return Columns(np.asarray(series, np.int32), np.asarray(at, np.int64), np.asarray(value, np.float64), codes)


def openings(*keys: NDArray[Any]) -> Mask:
    """Tell which rows begin a run of equal keys; keys are arrays of one length, sorted together."""
    found = np.ones(len(keys[0]), dtype=bool)
    if len(found):
        found[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return found


def spread(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Lay ranges [first, first + count) one after the other: (every place, number of the range it is of)."""
    which = np.repeat(np.arange(len(count)), count)
    return np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count), which


def concatenated(parts: Iterable[Columns]) -> Columns:
    """Put columns one after the other."""
    every = list(parts)
    if not every:
        return columns([], [], [])
    return Columns(*(np.concatenate(column) for column in zip(*every, strict=True)))


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware datetime; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"a reading's time needs a time zone: {moment!r}")
    return (moment - EPOCH) // MICROSECOND
