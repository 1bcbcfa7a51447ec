"""Letting go what has been kept long enough: raw frames, and ten-minute rollups (readings are archived first)."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.monitoring.services.alone import patiently
from anlan.monitoring.services.partitions import Table, midnight, partitions, span


def retention_apply(*, by: Actor) -> list[str]:
    """Drop the partitions of frames and ten-minute rollups whose time is over; return their names.

    Hour and day rollups stay. Frames with times out of reach lie in the default partition and go by row.
    """
    by.must("readings.archive", "")
    today = clock.now().astimezone(UTC).date()
    keep: dict[Table, int] = {"frame": options.frames_keep_days, "rollup_ten": options.ten_keep_days}
    dropped = []
    for table, days in keep.items():
        oldest = today - timedelta(days=days)
        for day, name in partitions(table).items():
            if span(table, day).end <= oldest:
                patiently(lambda name=name: _drop(name))  # type: ignore[misc]
                dropped.append(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM monitoring_frame_other WHERE received_at < %s",
            [midnight(today - timedelta(days=options.frames_keep_days))],
        )
    return dropped


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")
