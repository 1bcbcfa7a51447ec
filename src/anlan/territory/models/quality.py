"""What is doubtful in the registers: findings of the checks, rows that may be one and the same, data on hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value

from anlan.kernel.models import BulkRow, Row


class Finding(BulkRow):
    """One doubt about one row (数据质量问题): missing phone, outside its division, old code, datum mistaken, ..."""

    id = models.BigAutoField(primary_key=True)
    register = models.CharField(max_length=16)
    row = models.UUIDField()
    check_code = models.CharField(max_length=32)
    detail = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["register", "check_code", "division"], condition=Q(cleared_at__isnull=True), name="finding_open"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["register", "row", "check_code"], condition=Q(cleared_at__isnull=True), name="finding_once"
            ),
        )


class MergeProposal(Row):
    """Two rows that may be one and the same (疑似重复), proposed to a person; never merged silently."""

    register = models.CharField(max_length=16)
    left = models.UUIDField()
    right = models.UUIDField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=16, default="open")  # open | merged | apart | undone
    kept = models.UUIDField(null=True)
    moved = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))  # table → ids that went over
    decided_by = models.JSONField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["register", "left", "right"], name="merge_pair_once"),)


class Hold(Row):
    """Personal data that may not be purged yet (留存), with the reason and until when."""

    register = models.CharField(max_length=16)
    row = models.UUIDField()
    reason = models.CharField(max_length=200)
    until = models.DateField(null=True)
    by = models.JSONField()
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
