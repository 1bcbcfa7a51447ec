"""The readings of one series as points of a chart: raw over days, hours over weeks, days over years."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.monitoring.selectors.station import rows_of

STEPS = {"raw": timedelta(days=8), "hour": timedelta(days=93), "day": timedelta(days=36_500)}
_RAW = """
SELECT at, value, quality FROM monitoring_reading WHERE series = %s AND at > %s AND at <= %s ORDER BY at LIMIT 30000
"""
_ROLLED = """
SELECT at, count, total, low, high, last, doubtful FROM monitoring_rollup_{} WHERE series = %s AND at > %s AND at <= %s
ORDER BY at
"""


def step_for(start: datetime, end: datetime) -> str:
    """Return how fine a chart of this span is: raw, hour or day."""
    return next(name for name, most in STEPS.items() if end - start <= most)


def chart_points(number: int, step: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the points of a series in (start, end], oldest first. Raw: at, value, quality; else at, count, total,
    low, high, last, doubtful of the span that ends at `at`. One query."""
    return rows_of(_RAW if step == "raw" else _ROLLED.format(step), [number, start, end])
