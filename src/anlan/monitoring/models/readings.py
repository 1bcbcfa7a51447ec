"""Readings and what is made of them for charts: day partitions, rollups, and the account of each day."""

from __future__ import annotations

from django.db import models

from anlan.kernel import ids
from anlan.kernel.models import BulkRow, PartitionedRow
from anlan.monitoring.choices import Quality

OF_SERIES = "EXISTS (SELECT 1 FROM monitoring_series s WHERE s.number = {}.series)"  # the series' own policy decides


class Reading(PartitionedRow):
    """One value of one series at one time of the world (读数): mm over the interval that ends then, metres, or the unit
    of the series. Never changed or deleted but for its quality; the first value of a series and time stands.

    The table is partitioned by day (UTC) and written by binary COPY; whoever may see the series may see its readings.
    """

    READS = OF_SERIES.format("monitoring_reading")

    pk = models.CompositePrimaryKey("series", "at")
    series = models.ForeignKey(
        "monitoring.Series", to_field="number", db_column="series", on_delete=models.PROTECT, related_name="readings",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    at = models.DateTimeField()
    value = models.FloatField()
    quality = models.SmallIntegerField(choices=Quality.choices, default=Quality.GOOD)

    class Meta:
        managed = False
        db_table = "monitoring_reading"


class _Rollup(PartitionedRow):
    """What a series did in a span that ends at `at`: count and sum of good values, lowest, highest, last; doubtful ones.

    For counters `total` is the increase in the span. Partitioned; made again when late readings come.
    """

    pk = models.CompositePrimaryKey("series", "at")
    series = models.IntegerField()
    at = models.DateTimeField()
    count = models.IntegerField()
    total = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    last = models.FloatField(null=True)
    doubtful = models.IntegerField()

    class Meta:
        abstract = True
        managed = False


class RollupTen(_Rollup):
    """Ten minutes (十分钟)."""

    READS = OF_SERIES.format("monitoring_rollup_ten")

    class Meta:
        managed = False
        db_table = "monitoring_rollup_ten"


class RollupHour(_Rollup):
    """An hour (小时)."""

    READS = OF_SERIES.format("monitoring_rollup_hour")

    class Meta:
        managed = False
        db_table = "monitoring_rollup_hour"


class RollupDay(_Rollup):
    """A day, UTC+8 (日)."""

    READS = OF_SERIES.format("monitoring_rollup_day")

    class Meta:
        managed = False
        db_table = "monitoring_rollup_day"


class Batch(BulkRow):
    """What was taken at once (批次): how many rows came, how many were new, and the hash of the new ones."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    source = models.CharField(max_length=128)
    offered = models.IntegerField()
    count = models.IntegerField()
    repeated = models.IntegerField()
    differing = models.IntegerField()
    doubtful = models.IntegerField()
    late = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    taken_at = models.DateTimeField()


class Day(BulkRow):
    """The account of one day partition (日分区, UTC): rows, whether rollups are behind, where its archive lies.

    changed_at: when readings of that day last came; rolled_at: when rollups were last made. archive: path under the
    home's archive folder, with rows and sha256 of the file; dropped_at: when the partition was let go.
    dirty_from: the earliest time among readings that came since the rollups were last made; rolling_from: from when on
    they are being made now (left standing by a crash, and then made again).
    """

    day = models.DateField(primary_key=True)
    rows = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()
    rolled_at = models.DateTimeField(null=True)
    dirty_from = models.DateTimeField(null=True)
    rolling_from = models.DateTimeField(null=True)
    archive = models.CharField(max_length=200, default="")
    archived_rows = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, default="")
    archived_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
