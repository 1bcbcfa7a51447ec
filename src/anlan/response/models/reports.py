"""Who must report when, what was reported, who fell silent, and the casualty ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.response import choices


class ReportDuty(Row):
    """A county must report every `interval_h` hours, also when nothing changed (零报告). `next_due_at` null: stopped."""

    plan_code = models.CharField(max_length=32)
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, default="zero")
    interval_h = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    breaches = models.SmallIntegerField(default=0)
    rule_version = models.CharField(max_length=16)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["division", "kind", "track", "plan_code"],
                condition=Q(ended_at__isnull=True),
                name="response_duty_one_current",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_due_at", "id"], condition=Q(next_due_at__isnull=False), name="response_duty_due"
            ),
        )


class ReportBreach(Row):
    """A report that was not sent by its time (漏报); seen by every level above. `made_good_at`: when it came, late."""

    duty = models.ForeignKey(ReportDuty, on_delete=models.PROTECT, related_name="breach_rows")
    due_at = models.DateTimeField()
    in_a_row = models.SmallIntegerField()
    made_good_at = models.DateTimeField(null=True)


class Report(Row):
    """One report as it was sent (报告): never changed; a later one follows it. `figures` as the sender gave them."""

    seq = models.IntegerField()
    kind = models.CharField(max_length=16, default="zero")
    as_of = models.DateTimeField()
    sent_at = models.DateTimeField()
    author_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(default=dict)
    ledger = models.JSONField(default=dict, help_text="totals of the casualty ledger at that moment")
    falls = models.JSONField(default=list)
    frozen = models.JSONField(default=list)
    reason = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division", "seq"], name="response_report_seq"),)


class CasualtyEntry(Row):
    """One person of the ledger (伤亡台账). The name may be unknown: then the label is unknown-1, unknown-2, …"""

    kind = models.CharField(max_length=8, choices=choices.pairs(choices.CASUALTY_KINDS))
    label = models.CharField(max_length=96)
    known = models.BooleanField(default=False)
    place = models.CharField(max_length=200)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    found_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    source = models.CharField(max_length=200)
    reporter = models.CharField(max_length=96)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.CASUALTY_STATES), default="entered")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    reason = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division", "label"], name="response_casualty_label"),)


class Contact(BulkRow):
    """When a village or township last showed a sign of life, and the watch on it under red rain (失联监视).

    A mass table: signs of life come in thousands. What follows from them (contact lost, found again) is journalled.
    `beats`: it sends signs by itself, so its silence is watched as long as the rain is red; else one contact suffices.
    """

    last_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=24, default="")
    beats = models.BooleanField(default=False)
    watch_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(
        "response.Incident", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division"], name="response_contact_division"),)
        indexes = (
            models.Index(fields=["due_at", "division"], condition=Q(due_at__isnull=False), name="response_contact_due"),
            # only of the few that are lost: thousands of others are written every few minutes
            models.Index(fields=["incident"], condition=Q(incident__isnull=False), name="response_contact_lost"),
        )
