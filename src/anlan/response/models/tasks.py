"""Tasks and stop-lines."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices


class Task(Row):
    """What one post must do by when (任务), with receipt and evidence.

    `next_at`: when the sweeper must act (no receipt, overdue, climb), null when nothing can fall due any more.
    `climbs` counts climbs after the limit, `escalations` all climbs; `with_post` is the superior who has it now.
    Of an `order` exactly one task leads (牵头), the others co-operate (配合); `receipt_only`: the receipt is all it asks
    for. Done is not the end: another hand verifies it (核实), or sends it back (`returned` times). `help_at`: since when
    its owner waits for help.
    """

    plan = models.ForeignKey("response.Plan", null=True, on_delete=models.PROTECT, related_name="tasks")
    level = models.ForeignKey("response.Level", null=True, on_delete=models.PROTECT, related_name="tasks")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="tasks")
    working_group = models.CharField(max_length=24, default="", db_default="", help_text="code of its 工作组")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    code = models.CharField(max_length=32)
    action = models.CharField(max_length=16, default="")
    text_zh = models.TextField()
    text_en = models.TextField()
    owner_post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="tasks")
    with_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    receipt_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    receipt_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    evidence = models.JSONField(null=True)
    evidence_asked = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.TASK_STATES), default="issued")
    basis = models.JSONField(default=dict)
    stop_line = models.BooleanField(default=False)
    escalations = models.SmallIntegerField(default=0)
    climbs = models.SmallIntegerField(default=0)
    about = models.CharField(max_length=64, default="")
    note = models.TextField(default="")
    order = models.ForeignKey("response.Order", null=True, on_delete=models.PROTECT, related_name="tasks")
    cooperating = models.BooleanField(default=False, db_default=False)
    receipt_only = models.BooleanField(default=False, db_default=False)
    verify_min = models.SmallIntegerField(null=True, help_text="minutes after done in which it is to be verified")
    done_by = models.JSONField(null=True, help_text="the hand that reported it done")
    verified_at = models.DateTimeField(null=True)
    verified_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    returned = models.SmallIntegerField(default=0, db_default=0)
    help_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(state__in=["done", "verified"]) | Q(done_at__isnull=False), name="response_task_done_at"
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False), name="response_task_verified_at"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(order__isnull=False, cooperating=False, receipt_only=False) & ~Q(state="cancelled"),
                name="response_task_one_lead",
            ),
        )
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_task_due"),
            models.Index(fields=["level", "code"]),
            models.Index(fields=["track", "state", "division"]),
        )


class StopLine(Row):
    """A number at a place at which the post on the spot acts first and reports after (停止线)."""

    place = models.ForeignKey("territory.Place", on_delete=models.PROTECT, related_name="stoplines")
    post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="stoplines")
    action = models.CharField(max_length=16)
    metric = models.CharField(max_length=24)
    unit = models.CharField(max_length=8, default="m")
    limit = models.FloatField()
    value = models.FloatField(null=True)
    value_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.STOPLINE_STATES), default="watching")
    crossed_at = models.DateTimeField(null=True)
    acted_at = models.DateTimeField(null=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    receipt_min = models.SmallIntegerField(default=5)
    within_min = models.SmallIntegerField(default=10)
    basis = models.JSONField(default=dict)
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="stoplines")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["place", "metric"], name="response_stopline_once"),)
