"""What was said when an incident came in, what is counted about it, how it was graded, merged and split."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices_incidents as codes
from anlan.response.models.incidents import Incident


class Intake(Row):
    """A report as it was taken (接报), by whichever door: never changed, so that who knew what when can be shown.

    `source_system`, `source_ref`: whose it is in another system; `revision` counts what that system sent under one
    reference, each kept. `casualties`: {metric: number, or null where the caller didn't know}. `about`: what on this
    platform it came from ("signal:…", "warning:…"). A person opens an incident of it, joins it to one, or dismisses it.
    """

    PERSONAL: ClassVar[bool] = True

    door = models.CharField(max_length=12, choices=codes.pairs(codes.DOORS))
    source_system = models.CharField(max_length=64, default="", db_collation="C")
    source_ref = models.CharField(max_length=96, default="", db_collation="C")
    revision = models.SmallIntegerField(default=1)
    digest = models.CharField(max_length=64, default="")
    received_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)
    type_code = models.CharField(max_length=8, default="")
    place_words = models.CharField(max_length=200, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    what = models.TextField()
    cause = models.TextField(default="")
    measures = models.TextField(default="")
    trend = models.TextField(default="")
    casualties = models.JSONField(default=dict)
    caller = models.JSONField(default=dict, help_text="{name, unit, post, phone}")
    told = models.CharField(max_length=300, default="", help_text="whom the caller had told already")
    confidence = models.CharField(max_length=8, default="medium")
    about = models.CharField(max_length=64, default="")
    taken_by = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=codes.pairs(codes.INTAKE_STATES), default="new")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="intakes")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["source_system", "source_ref", "revision"],
                condition=~Q(source_ref=""),
                name="response_intake_once",
            ),
        )
        indexes = (
            models.Index(fields=["received_at"], condition=Q(state="new"), name="response_intake_new"),
            models.Index(fields=["incident"], condition=Q(incident__isnull=False), name="response_intake_of"),
        )


class IncidentFigure(Row):
    """One figure about an incident as of a moment (数据), never changed: a later one follows. `value` null: `word` tells it.

    `disputed`: it contradicts what stands and waits to be verified; it grades nothing. `reason`: why it fell.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="figures")
    seq = models.IntegerField(help_text="the how-manieth written of the incident; ids of one moment have no order")
    metric = models.CharField(max_length=24)
    value = models.FloatField(null=True)
    word = models.CharField(max_length=16, default="")
    as_of = models.DateTimeField()
    at = models.DateTimeField()
    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=8, default="medium")
    reason = models.TextField(default="")
    disputed = models.BooleanField(default=False)
    intake = models.ForeignKey(Intake, null=True, on_delete=models.PROTECT, related_name="figures")

    class Meta:
        indexes = (models.Index(fields=["incident", "metric", "as_of"], name="response_figure_of"),)


class IncidentGrade(Row):
    """How an incident was graded (定级), each time: `grade` is what holds from then on, `computed` what the table says.

    `how`: computed, confirmed, set (another grade, with a reason) or kept (the computed one moved, the confirmed one
    stands). `criterion` {metric, value, at_least, below, equals, zh, en}; {} when the table's least grade holds.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="grades")
    seq = models.IntegerField()
    at = models.DateTimeField()
    grade = models.CharField(max_length=24, default="")
    previous = models.CharField(max_length=24, default="")
    computed = models.CharField(max_length=24, default="")
    how = models.CharField(max_length=12, choices=codes.pairs(codes.HOW_GRADED))
    table = models.CharField(max_length=32, default="")
    table_version = models.CharField(max_length=16, default="")
    inputs = models.JSONField(default=dict)
    criterion = models.JSONField(default=dict)
    citation = models.JSONField(default=dict)
    mark = models.CharField(max_length=1, default="")
    first_guess = models.BooleanField(default=False)
    possible = models.CharField(max_length=24, default="")
    reason = models.TextField(default="")
    by_name = models.CharField(max_length=96, default="")
    by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "seq"], name="response_grade_seq"),)


class IncidentChange(Row):
    """A merge (`incident` went into `other`) or a split (`other` was taken out of `incident`), and whether it was undone.

    `moved`: ids of what went over at a split, {intakes, claims, figures}.
    """

    kind = models.CharField(max_length=8, choices=codes.pairs(codes.CHANGES))
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="changes")
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="changed_by")
    moved = models.JSONField(default=dict)
    reason = models.TextField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=96, default="")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(default="")
