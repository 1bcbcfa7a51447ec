"""What the stations of the kill tests send: made from a seed, in any order, with repetitions and latecomers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

REPEATED, LATE = 0.05, 0.02
EVERY_MIN = 5  # long enough that storms leave the windows again
LEAST, MOST = 200, 5000  # readings of one batch


@dataclass(frozen=True)
class Plan:
    """`stations` × `each` readings of five-minute rain that end at `end`; the values come from `seed` alone."""

    stations: int
    each: int
    end: datetime
    seed: int = 7

    @property
    def readings(self) -> int:
        """How many different readings there are."""
        return self.stations * self.each

    @property
    def codes(self) -> list[str]:
        """Codes of the stations."""
        return [f"K{number:05d}" for number in range(self.stations)]

    @staticmethod
    def place(number: int) -> tuple[float, float]:
        """Longitude and latitude of a station."""
        return 113.0 + (number % 200) * 0.01, 34.0 + (number // 200) * 0.01

    @property
    def times(self) -> list[datetime]:
        """When each station sends, oldest first."""
        return [self.end - timedelta(minutes=EVERY_MIN * number) for number in reversed(range(self.each))]

    def values(self) -> NDArray[np.float64]:
        """Rain in mm by station and time: storms of every strength that come and go, in tenths; a few absurd ones."""
        chance = np.random.default_rng(self.seed)
        strength = chance.gamma(0.8, 2.0, self.stations)[:, None]
        middle, width = (chance.uniform(low, high, self.stations)[:, None] for low, high in ((0, 1), (0.03, 0.25)))
        at = np.linspace(0, 1, self.each)[None, :]
        rain = strength * np.exp(-(((at - middle) / width) ** 2)) * chance.uniform(0.6, 1.4, (self.stations, self.each))
        absurd = chance.random((self.stations, self.each)) < 1e-4
        return np.asarray(np.round(np.where(absurd, 400.0, rain), 1), np.float64)

    def batches(self, order: int) -> Iterator[list[tuple[str, str, float]]]:
        """Every reading at least once, in the order and the batch sizes of seed `order`: (station, time, value).

        One in twenty comes twice, one in fifty after all the others.
        """
        chance = np.random.default_rng(order)
        every = chance.permutation(self.readings)
        late = chance.random(self.readings) < LATE
        first, last = every[~late], every[late]
        again = chance.choice(every, int(self.readings * REPEATED), replace=False)
        where = np.sort(chance.integers(0, len(first) + 1, len(again)))
        picks = np.concatenate([np.insert(first, where, again), last])
        codes = self.codes
        times = [at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in self.times]
        values = self.values().ravel().tolist()
        start = 0
        while start < len(picks):
            size = int(chance.integers(LEAST, MOST + 1))
            part = picks[start : start + size].tolist()
            yield [(codes[p // self.each], times[p % self.each], values[p]) for p in part]
            start += size

    def digest(self) -> str:
        """Hash of every reading once, as `Counted.readings` of the database is made."""
        total = hashlib.sha256()
        seconds = [int(at.timestamp()) for at in self.times]
        for code, row in zip(self.codes, self.values().tolist(), strict=True):
            total.update("".join(f"{code} {at} {v!r}\n" for at, v in zip(seconds, row, strict=True)).encode())
        return total.hexdigest()
