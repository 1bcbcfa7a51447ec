"""Command bodies, their levels where they differ, and where the leaders are."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices


class CommandBody(Row):
    """A command body (指挥机构) of a plan; `linked` bodies must follow its level or refuse with a reason."""

    SCOPE = "chain"

    code = models.CharField(max_length=64, help_text="code of its organisation")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    plan_code = models.CharField(max_length=32)
    lead = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="linked")
    leader_roles = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["plan_code", "code"], name="response_body_of_plan"),)


class BodyLevel(Row):
    """The level a command body stands at from `since` to `until` (null: now), for one event or its whole area; 0 is none."""

    SCOPE = "chain"

    body = models.ForeignKey(CommandBody, on_delete=models.PROTECT, related_name="levels")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    level = models.SmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["body", "track", "incident"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="response_body_level_current",
            ),
        )


class Mismatch(Row):
    """Two linked command bodies stand at different levels (级别不一致), until one adopts or refuses with a reason."""

    SCOPE = "chain"

    lead = models.ForeignKey(CommandBody, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(CommandBody, on_delete=models.PROTECT, related_name="mismatches")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    lead_level = models.SmallIntegerField()
    body_level = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=choices.pairs(choices.MISMATCH_STATES), default="open")
    closed_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")
    decided_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey("response.Task", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["body", "track", "incident"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="response_mismatch_one_open",
            ),
        )


class LeaderCheckin(Row):
    """Where a leader is from `since` to `until` (null: now). `site` is a place's code, words, or "command_post"."""

    post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="checkins")
    site = models.CharField(max_length=96)
    site_zh = models.CharField(max_length=96, default="")
    site_en = models.CharField(max_length=160, default="")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    handover_to = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["post"], condition=Q(until__isnull=True), name="response_checkin_current"),
        )
