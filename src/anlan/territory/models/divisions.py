"""Divisions of five levels, their outlines, the editions of the code list, and what the generator laid down."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row, Tracked


class Division(Tracked):
    """A division of five levels (行政区划), prefix-form code. Statistical zones hang under `parent` by code; the legal
    division they lie in is `legal_parent`. Points and populations say where they come from."""

    SCOPE: ClassVar[str] = "open"

    code = models.CharField(max_length=12, primary_key=True, db_collation="C")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    level = models.SmallIntegerField()
    kind = models.CharField(max_length=16)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    legal_parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="legal_children")
    functional_zone = models.BooleanField(default=False)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    coord_src = models.CharField(max_length=16, default="", blank=True)
    population = models.IntegerField(null=True)
    population_src = models.CharField(max_length=16, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="division_level"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$"), name="division_code"
            ),
        )
        indexes = (models.Index(fields=["level", "code"]),)


class Boundary(Tracked):
    """The outline of a division (边界), GeoJSON geometry in WGS-84 degrees, with its bounding box."""

    SCOPE: ClassVar[str] = "open"

    division = models.OneToOneField(Division, primary_key=True, on_delete=models.PROTECT, related_name="boundary")
    geojson = models.JSONField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(max_length=96)


class Generation(Row):
    """One territory laid down by the generator (生成记录): profile, seed, rows per table, hash of its content."""

    SCOPE: ClassVar[str] = "open"

    profile = models.CharField(max_length=32)
    version = models.IntegerField()
    seed = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField()
    generated_at = models.DateTimeField()


class Edition(Row):
    """One yearly list of division codes taken in (区划代码版本): where it came from and how far its review is."""

    SCOPE: ClassVar[str] = "open"

    name = models.CharField(max_length=64)
    valid_from = models.DateField()
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16)  # reviewing | applied | withdrawn
    counts = models.JSONField(default=dict)
    by = models.JSONField()
    at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)


class CodeChange(Row):
    """One difference between the list in force and a new edition (代码变更), to be accepted, changed or refused by a
    person. `old` and `new` are codes; a split or merger is several rows of one `group`. `evidence` says why it is
    proposed: equal names, villages held in common, distance of the points."""

    SCOPE: ClassVar[str] = "open"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=16)  # added | abolished | renamed | recoded | moved | merged | split
    group = models.CharField(max_length=64, default="")
    level = models.SmallIntegerField()
    old = models.CharField(max_length=12, default="")
    new = models.CharField(max_length=12, default="")
    old_name = models.CharField(max_length=200, default="")
    new_name = models.CharField(max_length=200, default="")
    new_row = models.JSONField(null=True)
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=16)  # proposed | accepted | refused | applied
    decided_by = models.JSONField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="")
