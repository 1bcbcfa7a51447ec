"""Silence under red rain (失联): when a village without contact is lost, and which lost ones are told together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby


def due_at(since: datetime, last: datetime | None, limit_min: int) -> datetime:
    """Return when a watched place is lost: `limit_min` after the later of its last contact and the watch's start."""
    start = max(since, last) if last is not None else since
    return start + timedelta(minutes=limit_min)


def by_township(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group division codes by township (first nine digits), both in code order."""
    return {key: tuple(group) for key, group in groupby(sorted(codes), key=lambda code: code[:9])}
