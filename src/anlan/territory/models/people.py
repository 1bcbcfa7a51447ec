"""People, the posts they hold, and what a post answers for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.territory.models.organisations import CODE, Post
from anlan.territory.models.places import Place


class Person(Row):
    """A holder (人员). Faces show the telephone masked; unmasking needs a reason and is journalled."""

    PERSONAL: ClassVar[bool] = True

    code = models.CharField(max_length=CODE, unique=True, db_collation="C")
    name = models.CharField(max_length=96)
    phone = models.CharField(max_length=16)
    phone_alt = models.CharField(max_length=16, default="", db_default="")
    # The citizen number itself is never kept: a keyed hash finds it again, a masked form shows it.
    citizen_hash = models.CharField(max_length=64, default="", db_default="", db_index=True)
    citizen_mask = models.CharField(max_length=18, default="", db_default="")
    contact_checked_on = models.DateField(null=True)
    state = models.CharField(max_length=16, default="active", db_default="active")  # active | left | merged | purged
    left_on = models.DateField(null=True)
    merged_into = models.UUIDField(null=True)


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


class Shift(Row):
    """A turn of duty (值班班次): who sits at a post from when to when, in place of its appointed holder."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    holder = models.CharField(max_length=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(holder__in=["A", "B"]), name="shift_holder"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="shift_order"),
        )
        indexes = (models.Index(fields=["post", "starts_at"]),)


class Certificate(Row):
    """A certificate a person holds (证书). `expires_on` null: without end."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=24)
    number = models.CharField(max_length=64)
    issuer = models.CharField(max_length=200, default="")
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "kind", "number"], name="certificate_once"),)


class Skill(Row):
    """What a person can do (技能). One taken away stays, as removed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="skills")
    code = models.CharField(max_length=24)
    removed = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "code"], name="skill_once"),)


class Gap(Row):
    """A hole in the net of duty (责任缺口): a post nobody holds as A or as B, a contact nobody has checked for too long,
    a telephone that can't be one. Opened and closed by the daily look; never deleted."""

    kind = models.CharField(max_length=24)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="gaps")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="gaps")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["kind", "division"], condition=Q(closed_at__isnull=True), name="gap_open"),)


class ContactRound(Row):
    """The yearly renewal of a division's contact list (联系人年度核对): by `due_on`, 20 April by default, every contact has
    been checked by its own office. What is not checked then becomes a gap."""

    SCOPE: ClassVar[str] = "chain"

    year = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division", "year"], name="contact_round_once"),)
