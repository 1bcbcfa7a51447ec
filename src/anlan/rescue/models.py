"""Tables of the rescue stage."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import Row
from anlan.rescue import choices
from anlan.territory.models import Organisation, Person, Place, Post


class Team(Row):
    """A rescue team (救援队伍): what it can do, where it stands, how soon it leaves, how long it lasts by itself.

    `leader` is the post called out; its holders are the leader and the deputy.
    """

    code = models.CharField(max_length=64, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=16)
    level = models.SmallIntegerField()  # of the division it serves, 1 to 5
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    leader = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="teams")
    base = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="teams")
    lon = models.FloatField()
    lat = models.FloatField()
    strength = models.IntegerField()
    ready_day_min = models.SmallIntegerField()
    ready_night_min = models.SmallIntegerField()
    self_support_h = models.SmallIntegerField()
    radius_km = models.FloatField()
    vehicles = models.JSONField(default=list)
    equipment = models.JSONField(default=list)
    insured_to = models.DateField(null=True)
    last_drill = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=list(choices.KINDS)), name="team_kind"),
            models.CheckConstraint(condition=models.Q(strength__gte=0), name="team_strength"),
        )
        indexes = (models.Index(fields=["kind", "division"]),)


class TeamMember(Row):
    """A member of a team (队员), a person of the territory's register; insurance is a duty by law."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16)  # leader | deputy | member
    skills = models.JSONField(default=list)
    certificate = models.CharField(max_length=64, default="")
    certificate_to = models.DateField(null=True)
    insured_to = models.DateField(null=True)
    state = models.CharField(max_length=8)
    left_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["team", "person"], condition=models.Q(left_on__isnull=True), name="member_once"
            ),
        )
