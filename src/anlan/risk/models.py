"""Tables of the risk stage."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import Row
from anlan.risk import choices
from anlan.territory.models import Place, Post


class SurveyRecord(Row):
    """One record of the risk survey (普查记录): what, where, found by which post, how far checked.

    `surveyor` answers "who is responsible", `place` links the record to a place where there is one (重点部位).
    """

    survey_code = models.CharField(max_length=32, unique=True, db_collation="C")
    category = models.CharField(max_length=16)
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    lon = models.FloatField()
    lat = models.FloatField()
    hazard_class = models.SmallIntegerField(null=True)  # 1 high, 2 fairly high, 3 medium, 4 fairly low, 5 low
    attributes = models.JSONField(default=dict)
    surveyed_on = models.DateField()
    surveyor = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    quality = models.CharField(max_length=8)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="survey_records")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(category__in=list(choices.CATEGORIES)), name="survey_category"),
            models.CheckConstraint(
                condition=models.Q(hazard_class__isnull=True) | models.Q(hazard_class__range=(1, 5)),
                name="survey_class",
            ),
        )
        indexes = (models.Index(fields=["category", "division"]),)
