"""Tables of a drill: the facts of the real event, and what simulated people are about to do."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.kernel.models import BulkRow, Row


class ReferenceFact(Row):
    """One dated fact of the real event (事实), from the scenario's timeline, for the report's comparison."""

    SCOPE: ClassVar[str] = "open"

    code = models.CharField(max_length=16, unique=True)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    precision = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    place = models.CharField(max_length=64)
    actor = models.JSONField()
    what = models.JSONField()
    colour = models.CharField(max_length=8)
    level = models.SmallIntegerField(null=True)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=16)
    weak = models.BooleanField(default=False)
    source = models.JSONField()


class PlannedAct(BulkRow):
    """What a simulated person will do at `due_at`; taken out of the table when done, in the same transaction."""

    id = models.BigAutoField(primary_key=True)
    due_at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    subject = models.UUIDField()
    body = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["due_at", "id"]),)
