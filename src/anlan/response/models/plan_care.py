"""Keeping plans alive (预案管理): drafts and who signs with them, drills and reviews held, upper plans, what calls for a review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices, choices_plans
from anlan.response.models.levels import Plan


class PlanDraft(Row):
    """A coming version of a plan (预案修订稿): written, sent round for signing, brought into use or dropped.

    `body`: the plan as data, complete or not; `digest`: SHA-256 over it. A signature holds for one digest.
    `makers`: the hands of all who wrote in it, the latest last.
    """

    SCOPE = "chain"

    code = models.CharField(max_length=32)
    base = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="drafts")
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=choices.pairs(choices_plans.DRAFT_STATES), default="writing")
    makers = models.JSONField(default=list)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    circulated_at = models.DateTimeField(null=True)
    ended_by = models.JSONField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+", help_text="what it became")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["writing", "circulated"]), name="plan_draft_one_open"
            ),
        )


class PlanCosign(Row):
    """A unit asked to sign a draft with us (会签): it agrees, or objects with its reason, which is answered."""

    SCOPE = "chain"

    draft = models.ForeignKey(PlanDraft, on_delete=models.PROTECT, related_name="cosigns")
    unit = models.CharField(max_length=32, help_text="code of engine.units")
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=choices.pairs(choices_plans.COSIGN_STATES), default="waiting")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    by = models.JSONField(null=True)
    at = models.DateTimeField(null=True)
    comment = models.TextField(default="")
    answer = models.TextField(default="")
    answered_by = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["draft", "unit", "digest"], name="plan_cosign_once"),)


class PlanRecord(Row):
    """What was done with a plan on a day (评估、演练、备案): its clocks run from the last one."""

    SCOPE = "chain"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=8, choices=choices.pairs(choices_plans.RECORD_KINDS))
    done_on = models.DateField()
    note = models.TextField(default="")
    by = models.JSONField()
    recorded_at = models.DateTimeField()


class UpperPlan(Row):
    """A version of a plan of a higher level (上位预案), which plans here follow."""

    SCOPE = "chain"

    code = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    doc_no = models.CharField(max_length=64, default="")
    issued_on = models.DateField()
    registered_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code", "version"], name="upper_plan_version"),)


class PlanMark(Row):
    """Why a plan must be looked at again (应当修订的情形): open until a new version settles it or somebody says why not."""

    SCOPE = "chain"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="marks")
    cause = models.CharField(max_length=12, choices=choices.pairs(choices_plans.MARK_CAUSES))
    text_zh = models.TextField()
    text_en = models.TextField()
    upper = models.ForeignKey(UpperPlan, null=True, on_delete=models.PROTECT, related_name="marks")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    settled = models.TextField(default="")
    by = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "upper"], condition=Q(upper__isnull=False), name="plan_mark_once_an_upper"
            ),
        )
        indexes = (models.Index(fields=["plan"], condition=Q(closed_at__isnull=True), name="plan_mark_open"),)
