"""Stations, the series they send, how each series stands, and areas that stations are judged together in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.monitoring.choices import SeriesKind, StationKind, StationState


class Station(Row):
    """A monitoring station (监测站). `attributes.limits` holds its own limits in metres by name (see rules/).

    kind, metric: what it chiefly measures (its main series). state: worst of its series; `isolated` by a person until
    mended, with the reason in `state_note`.
    """

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
    state_note = models.CharField(max_length=400, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(interval_s__gt=0, max_silence_s__gt=0), name="station_clock"),
            models.CheckConstraint(condition=Q(lon__range=(-180, 180), lat__range=(-90, 90)), name="station_point"),
        )


class Series(Row):
    """One thing a station measures (测项): the smallest thing readings, limits and rules speak of.

    number: the small key readings carry. element: its code ("rain_mm", "level_m", "battery_v"). kind: what a value
    means. limits: own figures by name in the series' unit ({"warning_m": 127.49}); checks: own figures of the quality
    checks (see engine/rules.Checks), over the defaults of rules/data_watch.yaml. shard: which worker judges it.
    state: what it is now, since `state_at`.
    """

    number = models.IntegerField(unique=True)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="series")
    element = models.CharField(max_length=24, db_collation="C")
    unit = models.CharField(max_length=16)
    kind = models.CharField(max_length=9, choices=SeriesKind.choices)
    main = models.BooleanField(default=False)
    interval_s = models.IntegerField()
    max_silence_s = models.IntegerField()
    limits = models.JSONField(default=dict)
    checks = models.JSONField(default=dict)
    shard = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=StationState.choices, default=StationState.NORMAL)
    state_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["station", "element"], name="series_element"),
            models.UniqueConstraint(fields=["station"], condition=Q(main=True), name="series_one_main"),
            models.CheckConstraint(condition=Q(interval_s__gt=0, max_silence_s__gt=0), name="series_clock"),
        )
        indexes = (
            models.Index(fields=["shard", "number"]),
            models.Index(fields=["shard"], condition=Q(state="silent"), name="series_silent"),
        )


class Pulse(BulkRow):
    """How a series stands (测站脉搏): newest good reading, rain sums at that time, when silence falls due.

    `last_quality`: of the newest reading of any quality. `due_at` null: silent already. The worker that judges the
    series is its only writer; it may lag behind the readings by some seconds when very much comes in.
    """

    series = models.OneToOneField(Series, primary_key=True, on_delete=models.PROTECT, related_name="pulse")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="pulses")
    main = models.BooleanField(default=False)
    last_at = models.DateTimeField(null=True)
    last_value = models.FloatField(null=True)
    last_quality = models.SmallIntegerField(default=0)
    sum_1h = models.FloatField(null=True)
    sum_3h = models.FloatField(null=True)
    sum_24h = models.FloatField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pulse_due"),)


class Area(Row):
    """Stations judged together (片区、流域): a basin, a township's gauges, a slope's sensors."""

    code = models.CharField(max_length=32, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    kind = models.CharField(max_length=16, default="basin")


class AreaMember(Row):
    """A series in an area, with its weight in means (泰森多边形权重 or any other; > 0)."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="members")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="areas")
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area", "series"], name="area_member"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="area_weight"),
        )
