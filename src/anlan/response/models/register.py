"""The register of plans (预案名录): which plans a division has or is to have. The plans themselves are `Plan`."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import Row
from anlan.response import choices
from anlan.response.models.levels import Plan


class PlanTitle(Row):
    """A plan by its title: kind, hazard, state. `plan`: its executable version, once there is one; a title without one
    starts nothing and proposes nothing."""

    SCOPE = "chain"

    code = models.CharField(max_length=64, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    kind = models.CharField(max_length=16)
    hazard = models.CharField(max_length=24)
    lead = models.CharField(max_length=24, default="")  # department that keeps it, a code of the territory's list
    state = models.CharField(max_length=12, default="draft")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="titles")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=list(choices.PLAN_STATES)), name="plan_title_state"),
            models.CheckConstraint(condition=models.Q(kind__in=list(choices.PLAN_KINDS)), name="plan_title_kind"),
        )
