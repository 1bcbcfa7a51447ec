"""Tables of the territory: divisions and their outlines, organisations, posts, people, places, duties.

A post is not a person (岗位不是人): duties, calls and decisions belong to posts; an appointment says who holds a post,
as A or as B. Codes sort byte by byte (collation "C"), so that "4101.duty" comes before "410181.duty" on any server.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row, Tracked

CODE = 64


class Division(Tracked):
    """A division of five levels (行政区划), prefix-form code. Statistical zones hang under `parent` by code; the legal
    division they lie in is `legal_parent`. Points and populations say where they come from."""

    SCOPE: ClassVar[str] = "open"

    code = models.CharField(max_length=12, primary_key=True, db_collation="C")
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=96)
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


class Organisation(Row):
    """A command body, department, government, committee, operator or site (机构)."""

    SCOPE: ClassVar[str] = "chain"

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)


class Place(Row):
    """A place where people can come to harm (重点部位). `attributes` by kind; `coord_src`: how sure the point is."""

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    kind = models.CharField(max_length=16)
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    lon = models.FloatField()
    lat = models.FloatField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="places")
    attributes = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["kind", "division"]),)


class Post(Row):
    """A post (岗位): what calls, tasks and decisions are addressed to. `superior` is who a silent call climbs to."""

    SCOPE: ClassVar[str] = "chain"

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    role = models.CharField(max_length=24)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    superior = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="juniors")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="posts")

    class Meta:
        indexes = (models.Index(fields=["role", "division"]),)


class Person(Row):
    """A holder (人员). Faces show the telephone masked; unmasking needs a reason and is journalled."""

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name = models.CharField(max_length=96)
    phone = models.CharField(max_length=16)


class Appointment(Row):
    """Who holds a post, first (A) or second (B), from when to when (任职). `valid_to` null: now."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    holder = models.CharField(max_length=1)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(holder__in=["A", "B"]), name="appointment_holder"),
            models.UniqueConstraint(
                fields=["post", "holder"], condition=Q(valid_to__isnull=True), name="appointment_one_current"
            ),
        )


class Duty(Row):
    """What a post answers for (责任): the division named here, and one place in it where `place` is set."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=24)
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="duties")


class Generation(Row):
    """One territory laid down by the generator (生成记录): profile, seed, rows per table, hash of its content."""

    SCOPE: ClassVar[str] = "open"

    profile = models.CharField(max_length=32)
    version = models.IntegerField()
    seed = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField()
    generated_at = models.DateTimeField()
