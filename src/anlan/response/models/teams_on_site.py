"""Teams at an on-site command post: taken in, counted in and out, withdrawn; and the notice that there are enough."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices, choices_command


class TeamIntake(Row):
    """A team that came to help (力量登记): who, how many, with what; what was decided about it and where it works.

    `register_code`: its code on the standing register of teams, "" when it isn't on it.
    `heads_inside` is what its movements add up to. `unasked`: it went in before it was accepted. The contact is personal
    data: shown masked, destroyed with the incident's.
    """

    PERSONAL: ClassVar[bool] = True

    command_post = models.ForeignKey("response.CommandPost", on_delete=models.PROTECT, related_name="teams")
    number = models.IntegerField()
    name = models.CharField(max_length=120)
    team_kind = models.CharField(max_length=16, choices=choices.pairs(choices_command.TEAM_KINDS), default="social")
    organisation = models.CharField(max_length=120, default="")
    register_code = models.CharField(max_length=64, default="", db_default="", db_collation="C")
    leader = models.CharField(max_length=64)
    contact = models.CharField(max_length=32, default="")
    people = models.SmallIntegerField()
    vehicles = models.SmallIntegerField(default=0)
    equipment = models.TextField(default="")
    skills = models.CharField(max_length=200, default="")
    self_support_h = models.SmallIntegerField(default=0)
    insured = models.BooleanField(null=True, help_text="accident insurance for its members; null: not known")
    registered_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=choices.pairs(choices_command.TEAM_DECISIONS), default="waiting")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=96, default="")
    decided_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(default="")
    group = models.ForeignKey("response.CommandGroup", null=True, on_delete=models.PROTECT, related_name="teams")
    area = models.CharField(max_length=200, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    heads_inside = models.SmallIntegerField(default=0)
    unasked = models.BooleanField(default=False)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["command_post", "number"], name="response_team_number"),
            models.CheckConstraint(condition=Q(heads_inside__gte=0), name="response_team_heads"),
            models.CheckConstraint(condition=~Q(decision="left") | Q(heads_inside=0), name="response_team_none_left"),
        )


class TeamMovement(Row):
    """So many people of a team went in or came out (进出清点). Append-only: a miscount is mended by another movement."""

    APPEND_ONLY: ClassVar[bool] = True

    team = models.ForeignKey(TeamIntake, on_delete=models.PROTECT, related_name="movements")
    inward = models.BooleanField()
    heads = models.SmallIntegerField()
    at = models.DateTimeField()
    area = models.CharField(max_length=200, default="")
    by_name = models.CharField(max_length=96)
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(heads__gt=0), name="response_movement_heads"),)


class Withdrawal(Row):
    """An order to withdraw because rescuers are in danger (撤离命令, 生产安全事故应急条例 art. 22), with its head count.

    `expected`: who was inside when it was given, [{team, name, heads}]; `group`: null is the whole site; `next_at`: when it is
    alarmed that not everybody is out. Until it is lifted nobody goes in again.
    """

    SCOPE: ClassVar[str] = "chain"

    command_post = models.ForeignKey("response.CommandPost", on_delete=models.PROTECT, related_name="withdrawals")
    group = models.ForeignKey("response.CommandGroup", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    area = models.CharField(max_length=200, default="")
    ordered_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=96)
    expected = models.JSONField(default=list)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=choices.pairs(choices_command.WITHDRAWAL_STATES), default="open")
    completed_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=96, default="")
    lift_reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["command_post", "group"],
                condition=~Q(state="lifted"),
                nulls_distinct=False,
                name="response_withdrawal_one",
            ),
        )
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_withdrawal_due"),
        )


class SaturationNotice(Row):
    """The notice that enough help has come (力量饱和通告): drafted from the record, released by a person."""

    SCOPE: ClassVar[str] = "chain"

    command_post = models.ForeignKey("response.CommandPost", on_delete=models.PROTECT, related_name="notices")
    text_zh = models.TextField()
    text_en = models.TextField()
    valid_until = models.DateTimeField()
    state = models.CharField(max_length=12, choices=choices.pairs(choices_command.NOTICE_STATES), default="draft")
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=96)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=96, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["command_post"], condition=Q(state="released"), name="response_notice_one_released"
            ),
        )
