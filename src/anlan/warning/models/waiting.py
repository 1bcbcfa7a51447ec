"""Whom a warning still has to call."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import BulkRow


class CallsWaiting(BulkRow):
    """A warning that calls more people than its own act can place calls for (待呼人员): `remaining` of `total` still wait.

    The gravest are called in the act itself; the sweeper places the others, block by block, at `at` with `channels`.
    0: all were placed, or the warning ended before.
    """

    warning = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    channels = models.JSONField(default=list)
    total = models.IntegerField()
    remaining = models.IntegerField()

    class Meta:
        db_table = "warning_calls_waiting"
        indexes = (models.Index(fields=["at"], condition=models.Q(remaining__gt=0), name="warning_calls_waiting_at"),)
