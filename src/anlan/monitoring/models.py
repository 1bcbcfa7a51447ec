"""Tables of monitoring: stations, what they sent, how they stand, and signals.

Readings are never changed or deleted: the first value of a station and time wins. `Pulse` is the running state of a
station (its newest reading and sums); it can be made again from the readings.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel import ids
from anlan.kernel.models import BulkRow, Row
from anlan.monitoring.choices import Quality, SignalState, StationKind, StationState


class Station(Row):
    """A monitoring station (监测站). `attributes.limits` holds its own limits in metres by name (see rules/)."""

    code = models.CharField(max_length=32, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=StationKind.choices)
    metric = models.CharField(max_length=16)
    lon = models.FloatField()
    lat = models.FloatField()
    place_code = models.CharField(max_length=64, null=True, db_collation="C")
    interval_s = models.IntegerField()
    max_silence_s = models.IntegerField()
    attributes = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=StationState.choices, default=StationState.NORMAL)
    state_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(interval_s__gt=0, max_silence_s__gt=0), name="station_clock"),
            models.CheckConstraint(condition=Q(lon__range=(-180, 180), lat__range=(-90, 90)), name="station_point"),
        )


class Pulse(BulkRow):
    """How a station stands (测站脉搏): newest good reading, rain sums at that time, when silence falls due.

    `batch`: the last batch that added to it. `due_at` null: silent already. `below_since`: since when the value of its
    firing signal has been under the holding line.
    """

    station = models.OneToOneField(Station, primary_key=True, on_delete=models.PROTECT, related_name="pulse")
    batch = models.UUIDField(null=True)
    last_at = models.DateTimeField(null=True)
    last_value = models.FloatField(null=True)
    sum_1h = models.FloatField(null=True)
    sum_3h = models.FloatField(null=True)
    sum_24h = models.FloatField(null=True)
    due_at = models.DateTimeField(null=True)
    below_since = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pulse_due"),)


class Reading(BulkRow):
    """One value of one station at one time of the world (读数), mm over the interval that ends then, or metres."""

    pk = models.CompositePrimaryKey("station", "at")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="readings", db_index=False)
    at = models.DateTimeField()
    value = models.FloatField()
    quality = models.SmallIntegerField(choices=Quality.choices, default=Quality.GOOD)


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


class Signal(Row):
    """A threshold is crossed (监测信号). Keeps the version of the rule it was opened by until it is cleared."""

    rule = models.CharField(max_length=32)
    rule_version = models.CharField(max_length=32)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="signals")
    level = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=SignalState.choices, default=SignalState.FIRING)
    opened_at = models.DateTimeField()
    level_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    value = models.FloatField()
    window_h = models.SmallIntegerField()
    explanation = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["station", "rule"], condition=Q(state="firing"), name="signal_one_firing"),
            models.CheckConstraint(
                condition=Q(state="firing", cleared_at__isnull=True) | Q(state="cleared", cleared_at__isnull=False),
                name="signal_cleared_at",
            ),
        )
        indexes = (models.Index(fields=["state", "opened_at"]),)
