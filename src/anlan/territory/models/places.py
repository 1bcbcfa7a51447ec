"""Places where people can come to harm, and where help is kept."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import Row
from anlan.territory.models.organisations import CODE, Organisation


class Place(Row):
    """A place where people can come to harm (重点部位). `attributes` by kind; `coord_src`: how sure the point is."""

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    kind = models.CharField(max_length=24)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    lon = models.FloatField()
    lat = models.FloatField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="places")
    address = models.CharField(max_length=300, default="", db_default="")
    coord_src = models.CharField(max_length=16, default="", db_default="")
    attributes = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="active", db_default="active")  # active | closed | merged
    merged_into = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "division"]),)


class Downstream(Row):
    """A division the water of a reservoir reaches, and how soon (下游村庄与洪水到达时间). `division` is who is warned."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="downstream")
    travel_min = models.IntegerField(null=True)
    distance_km = models.FloatField(null=True)
    population = models.IntegerField(null=True)
    source = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["place", "division"], name="downstream_once"),)
