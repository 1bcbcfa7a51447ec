"""How series stand, written set-based: at once where little comes in, else every few seconds for what was touched since."""

from __future__ import annotations

import time

import numpy as np
from django.db import connection

from anlan.monitoring.engine.columns import Floats, Ints
from anlan.monitoring.engine.memory import PAST
from anlan.monitoring.services.memory import PULSES_S, Held
from anlan.monitoring.services.storing import moment

FEW = 500
SHARE = 10  # writing takes at most a tenth of the time

_WRITE = """
UPDATE monitoring_pulse p SET last_at = coalesce(to_timestamp(x.last), p.last_at),
  last_value = coalesce(x.value, p.last_value), last_quality = x.quality, sum_1h = coalesce(x.h1, p.sum_1h),
  sum_3h = coalesce(x.h3, p.sum_3h), sum_24h = coalesce(x.h24, p.sum_24h),
  due_at = CASE WHEN s.state = 'isolated' OR (p.due_at IS NULL AND to_timestamp(x.due) <= %s) THEN NULL
    ELSE coalesce(to_timestamp(x.due), p.due_at) END
FROM unnest(%s::int4[], %s::float8[], %s::float8[], %s::int2[], %s::float8[], %s::float8[], %s::float8[], %s::float8[])
  AS x(number, last, value, quality, h1, h3, h24, due) JOIN monitoring_series s ON s.number = x.number
WHERE p.series_id = s.id
"""


def pulses_write(held: Held, now: int, *, at_once: bool = False) -> int:
    """Write the pulses of the series touched since they were last written; return how many, 0 when it isn't time yet."""
    waiting, began = sum(len(numbers) for numbers in held.dirty), time.monotonic()
    if not waiting or not (at_once or waiting <= FEW or began >= held.rested):
        return 0
    numbers = np.unique(np.concatenate(held.dirty))
    found = held.engine.pulses(numbers)
    heard = found.due_at > PAST
    columns = [
        _literal(found.number[heard]), _times(found.last_at[heard]), _figures(found.last_value[heard]),
        _literal(found.last_quality[heard].astype(np.int64)), _figures(found.sum_1h[heard]), _figures(found.sum_3h[heard]),
        _figures(found.sum_24h[heard]), _times(found.due_at[heard]),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [moment(now), *columns])
    done = time.monotonic()
    held.dirty, held.rested = [], done + max(PULSES_S, SHARE * (done - began))
    return int(heard.sum())


def _literal(values: Ints) -> str:
    """Return numbers as a PostgreSQL array literal: one parameter instead of one per value."""
    return "{" + ",".join(map(str, values.tolist())) + "}"


def _figures(values: Floats) -> str:
    return "{" + ",".join("NULL" if value != value else repr(value) for value in values.tolist()) + "}"


def _times(values: Ints) -> str:
    """Return µs as seconds with their fraction, exactly as far as a float of this size goes (a microsecond)."""
    return (
        "{"
        + ",".join("NULL" if us <= PAST else f"{us // 1_000_000}.{us % 1_000_000:06d}" for us in values.tolist())
        + "}"
    )
