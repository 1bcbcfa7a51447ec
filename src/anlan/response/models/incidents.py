"""Incidents, and what is claimed about them by whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices


class Incident(Row):
    """Something that happened and needs dealing with (事件). Unverified and contradictory are legal values (law 5).

    `type_code` is its class in the code table `type_version` (GB/T 35561); `grade` the one that holds now ("" not yet
    graded); `known_at` when this level first knew, from which report clocks run; `merged_into` where it goes on.
    """

    kind = models.CharField(max_length=24)
    type_code = models.CharField(max_length=8, default="", db_default="", db_index=True)
    type_version = models.CharField(max_length=16, default="", db_default="")
    grade = models.CharField(max_length=24, default="", db_default="")
    happened_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField(null=True)
    place_words = models.CharField(max_length=200, default="", db_default="")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.INCIDENT_STATES), default="open")
    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=8, choices=choices.pairs(choices.CONFIDENCES), default="medium")
    unverified = models.BooleanField(default=True)
    contradicted = models.BooleanField(default=False)
    details = models.JSONField(default=dict)
    key = models.CharField(max_length=96, default="", help_text="what the platform opened it for, to open it once")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="open") & ~Q(key=""), name="response_incident_one_open"
            ),
        )
        indexes = (models.Index(fields=["state", "division"]),)


class Claim(Row):
    """One statement about an incident by one source (说法). Contradictory ones stand side by side until verified.

    `topic` says what it is about ("dam"), `value` what is claimed ("breached"): same topic, other value contradicts.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="claims")
    topic = models.CharField(max_length=64)
    value = models.CharField(max_length=96)
    text_zh = models.TextField()
    text_en = models.TextField()
    source = models.CharField(max_length=200)
    confidence = models.CharField(max_length=8, choices=choices.pairs(choices.CONFIDENCES), default="medium")
    said_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=choices.pairs(choices.CLAIM_STATES), default="unverified")
    contradicted = models.BooleanField(default=False)
    verify_task = models.ForeignKey("response.Task", null=True, on_delete=models.PROTECT, related_name="claims")

    class Meta:
        indexes = (models.Index(fields=["incident", "topic"]),)
