"""The table of warnings being written (预警制作)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.warning import choices, choices_drafts


class WarningDraft(Row):
    """A warning on its way to being issued (预警稿): made, checked, signed, issued, each by a named hand (制作 审核 签发 发布).

    `content`: what will go out, as `DraftContent.to_json` gives it; `digest`: SHA-256 over it. A check or a signature
    holds for one digest (`checked_digest`, `signed_digest`, `second_digest`). The hands (`made_by` …) are kept as
    {name, kind, person, post, account, divisions, roles}, a signature with the reach it was given with; `makers` are
    all who wrote words. An urgent issue (紧急发布) has `urgent_reason` and owes an after-check by `after_post`.
    """

    SCOPE = "down"

    state = models.CharField(max_length=10, choices=choices.pairs(choices_drafts.DRAFT_STATES), default="made")
    act = models.CharField(max_length=8, choices=choices.pairs(choices_drafts.DRAFT_ACTS), default="alert")
    hazard = models.CharField(max_length=8)
    colour = models.CharField(max_length=8, choices=choices.pairs(choices.COLOURS))
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, choices=choices.pairs(choices_drafts.DRAFT_SOURCES), default="none")
    signal = models.UUIDField(null=True)
    received = models.CharField(max_length=400, default="", help_text="sender,identifier,sent of the received alert")
    proposal = models.ForeignKey("warning.WarningProposal", null=True, on_delete=models.PROTECT, related_name="+")
    references = models.ForeignKey("warning.Warning", null=True, on_delete=models.PROTECT, related_name="+")
    drill = models.BooleanField(default=False)
    makers = models.JSONField(default=list)
    made_by = models.JSONField()
    made_at = models.DateTimeField()
    checked_by = models.JSONField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_digest = models.CharField(max_length=64, default="")
    signed_by = models.JSONField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_digest = models.CharField(max_length=64, default="")
    second_by = models.JSONField(null=True)
    second_at = models.DateTimeField(null=True)
    second_digest = models.CharField(max_length=64, default="")
    ended_by = models.JSONField(null=True, help_text="who sent it back, dropped it or issued it")
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", help_text="why it was sent back or dropped")
    warning = models.ForeignKey("warning.Warning", null=True, on_delete=models.PROTECT, related_name="drafts")
    urgent = models.BooleanField(default=False)
    urgent_reason = models.TextField(default="")
    after_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    after_due_at = models.DateTimeField(null=True)
    after_late = models.BooleanField(default=False)
    after_by = models.JSONField(null=True)
    after_at = models.DateTimeField(null=True)
    after_verdict = models.CharField(
        max_length=8, default="", blank=True, choices=choices.pairs(choices_drafts.VERDICTS)
    )
    after_note = models.TextField(default="")

    class Meta:
        db_table = "warning_draft"
        indexes = (
            models.Index(fields=["made_at"], condition=~Q(state__in=["issued", "dropped"]), name="warning_draft_open"),
            models.Index(
                fields=["after_due_at"], condition=Q(urgent=True, after_at__isnull=True), name="warning_draft_owed"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(warning__isnull=False), name="warning_draft_issued_what"
            ),
            models.CheckConstraint(condition=~Q(urgent=True) | ~Q(urgent_reason=""), name="warning_draft_urgent_why"),
        )
