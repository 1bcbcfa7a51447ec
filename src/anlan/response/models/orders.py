"""Orders and the steps taken with them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices_orders


class Order(Row):
    """An order, notice, request or instruction to be followed up (指令 通知 协助函 批示督办); what its receivers must do
    are its tasks.

    Drafted, checked, signed and issued by different hands (拟稿 审核 签发 下达), which are kept as in a warning being
    written; a check or signature holds for one `digest` of the content. `division` keeps it: its own people and those
    above see it, receivers see it through their task. A verbal one (口头) goes out first and owes its written form by
    `written_due_at`. Of an instruction, `given_by` says who gave it in words where no post of the roster did.
    `lead_post`, `helpers` (ids of posts): whom it goes to. `limit_at`, or `within_min` after it is issued, gives `due_at`.
    `number` is given when it goes out (发文字号); `supersedes` is the one it changes.
    """

    SCOPE = "down"

    kind = models.CharField(max_length=12, choices=[(c, c) for c in choices_orders.ORDER_KINDS], default="order")
    number = models.CharField(max_length=40, default="")
    year = models.SmallIntegerField(null=True)
    seq = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=[(c, c) for c in choices_orders.ORDER_STATES], default="drafted")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300, default="")
    text_zh = models.TextField()
    text_en = models.TextField(default="")
    basis = models.JSONField(default=dict)
    issuer_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    given_by = models.CharField(max_length=96, default="")
    given_at = models.DateTimeField(null=True)
    lead_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    helpers = models.JSONField(default=list)
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="orders")
    working_group = models.CharField(max_length=24, default="")
    within_min = models.IntegerField(null=True)
    limit_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    receipt_min = models.SmallIntegerField(default=15)
    verify_min = models.SmallIntegerField(default=60)
    evidence_asked = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    makers = models.JSONField(default=list)
    made_by = models.JSONField()
    made_at = models.DateTimeField()
    checked_by = models.JSONField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_digest = models.CharField(max_length=64, default="")
    signed_by = models.JSONField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_digest = models.CharField(max_length=64, default="")
    issued_by = models.JSONField(null=True)
    issued_at = models.DateTimeField(null=True)
    verbal = models.CharField(max_length=8, default="", help_text="by telephone, radio or face to face; empty: written")
    verbal_why = models.TextField(default="")
    written_due_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    written_late = models.BooleanField(default=False)
    ended_by = models.JSONField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="successors")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["division", "kind", "year", "seq"], condition=Q(seq__isnull=False), name="response_order_number"
            ),
            models.CheckConstraint(
                condition=Q(verbal="") | Q(written_due_at__isnull=False), name="response_order_written_owed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*choices_orders.DRAFTS, "dropped"]) | Q(issued_at__isnull=False),
                name="response_order_issued_at",
            ),
        )
        indexes = (
            models.Index(fields=["state", "division"]),
            models.Index(
                fields=["written_due_at"],
                condition=Q(written_due_at__isnull=False, written_at__isnull=True, written_late=False),
                name="response_order_written_due",
            ),
        )


class OrderStep(Row):
    """One step with an order or one of its tasks: who, when, what, why. Append-only; the database refuses a change.

    `name` and `post`: who did it, as they were called then; `data`: what else belongs to it (evidence, minutes late).
    """

    SCOPE = "down"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    task = models.ForeignKey("response.Task", null=True, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    act = models.CharField(max_length=12, choices=[(c, c) for c in choices_orders.STEP_ACTS])
    name = models.CharField(max_length=96)
    post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(default="")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["order", "at"]),)
