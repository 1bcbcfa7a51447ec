"""A rule tried on what has been stored: what it would have raised."""

from __future__ import annotations

from django.db import models

from anlan.kernel import ids
from anlan.kernel.models import BulkRow


class RuleTrial(BulkRow):
    """A rule judged over a past span, beside the version in force (规则试算). Worked on by a background job.

    body: the rule as in a pack file; division: where it would hold. state: waiting, running, done or failed. done,
    total: days worked off. result: counts and signals of both (services/trials.py); error: why it failed, {zh, en}.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.CharField(max_length=32, db_collation="C")
    body = models.JSONField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    state = models.CharField(max_length=8, default="waiting")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["code", "made_at"]),)
