"""How fast a long piece of work goes and how long it still takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Pace:
    """Counts done against all; the caller tells the time, seconds of any clock that only goes forward."""

    total: int
    started: float
    first: int = 0  # done already when the clock started
    done: int = 0

    def line(self, step: str, now: float) -> str:
        """Return "units 120,000/667,000 24,000/s 23 s left"."""
        rate = (self.done - self.first) / max(now - self.started, 1e-6)
        left = (self.total - self.done) / rate if rate else 0.0
        return f"{step} {self.done:,}/{self.total:,} {rate:,.0f}/s {left:.0f} s left"
