"""Rules made here, the state of what they watch, signals and every step they took, and mutes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.monitoring.choices import SignalState
from anlan.monitoring.models.stations import Area, Series, Station


class RuleVersion(Row):
    """A version of a rule made by a bureau (规则版本), over the shipped packs. Never changed: an edit is a new version.

    code, number: which rule and which version of it. body: the rule as in a pack file (formats/rule_pack.py).
    `division`: where it holds. valid_from, valid_to: when, by the time of the readings. replaced_at: when a newer
    version took its place; withdrawn: it was taken back without one.
    """

    SCOPE = "chain"  # what a city decides also judges its counties' readings

    code = models.CharField(max_length=32, db_collation="C")
    number = models.IntegerField()
    body = models.JSONField()
    source_zh = models.CharField(max_length=300)
    source_en = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    note = models.CharField(max_length=400, default="")
    replaced_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division", "code", "number"], name="rule_version"),)


class Watch(BulkRow):
    """Where the machine of one rule at one place stands, as far as it isn't plainly normal (状态轨迹).

    place: "s:<series number>" or "a:<area code>". trail: its last states by event time, oldest first (engine/machine).
    """

    pk = models.CompositePrimaryKey("rule", "place")
    rule = models.CharField(max_length=32, db_collation="C")
    place = models.CharField(max_length=40, db_collation="C")
    shard = models.SmallIntegerField()
    rule_version = models.CharField(max_length=32)
    trail = models.JSONField()


class Signal(Row):
    """A threshold is crossed (监测信号). Keeps the version of the rule it was opened by until it is cleared.

    place: as of `Watch`; series or area, and of a series its station. pending: the line is crossed, not long enough
    yet; lapsed: it never was. recovering_since: below the holding line, waiting. no_data_since: nothing is heard, so
    nothing is known. suspect: doubtful values alone would say more. muted: why it isn't passed on ('' when it is).
    """

    rule = models.CharField(max_length=32)
    rule_version = models.CharField(max_length=32)
    place = models.CharField(max_length=40, db_collation="C")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="signals", null=True)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="signals", null=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="signals", null=True)
    hazard = models.CharField(max_length=24, default="")
    level = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=SignalState.choices, default=SignalState.FIRING)
    opened_at = models.DateTimeField()
    level_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    recovering_since = models.DateTimeField(null=True)
    no_data_since = models.DateTimeField(null=True)
    suspect = models.BooleanField(default=False)
    muted = models.CharField(max_length=120, default="")
    value = models.FloatField()
    window_h = models.FloatField()
    explanation = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["rule", "place"], condition=Q(state__in=["pending", "firing"]), name="signal_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "firing"], cleared_at__isnull=True)
                | Q(state__in=["cleared", "lapsed"], cleared_at__isnull=False),
                name="signal_cleared_at",
            ),
        )
        indexes = (
            models.Index(fields=["state", "opened_at"]),
            models.Index(fields=["place", "rule", "opened_at"]),
            models.Index(
                fields=["-level_at", "-id"], condition=Q(state__in=["pending", "firing"]), name="signal_standing"
            ),
        )


class SignalStep(BulkRow):
    """One step of a signal by event time (信号变化): opened, raised, lowered, cleared. Late readings may replace steps:
    the old ones stay, with `superseded_at`. What isn't superseded depends on the readings alone, not on how they came.
    """

    id = models.BigAutoField(primary_key=True)
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="steps")
    event = models.CharField(max_length=8)
    at = models.DateTimeField()
    level = models.CharField(max_length=16)
    previous = models.CharField(max_length=16)
    value = models.FloatField()
    threshold = models.FloatField()
    window_h = models.FloatField()
    quality = models.SmallIntegerField(default=0)
    explanation = models.JSONField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["signal", "at"]),)


class Mute(Row):
    """A person's order not to pass signals on for a while (静默): whose, why, from when to when. Signals go on being
    judged and shown; the highest level of a rule is passed on all the same unless `all_levels` says so.

    match: any of {"rule", "place", "station", "element", "hazard"}; all given must fit; division: inside it.
    """

    SCOPE = "chain"

    match = models.JSONField(default=dict)
    all_levels = models.BooleanField(default=False)
    reason = models.CharField(max_length=400)
    made_by = models.CharField(max_length=120)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(until_at__gt=models.F("from_at")), name="mute_span"),)
        indexes = (models.Index(fields=["until_at"]),)
