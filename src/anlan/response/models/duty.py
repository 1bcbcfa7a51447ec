"""The roster of a desk for a year, its shifts, and who changes with whom."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from anlan.kernel.models import Row
from anlan.response import choices_duty as choices
from anlan.territory.choices import pairs


def _person(**words: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("territory.Person", on_delete=models.PROTECT, related_name="+", **words)


class RosterYear(Row):
    """A desk's roster for a year (全年值班表), one version of it. `begins_at`: from when it must have no hole, the year's
    first minute unless the desk opens later or the year before runs over; `ends_at`: the year's end.

    `crews`: [[leader, main, second], …] as person ids; `absences`: [{person, from, to}] with days, both included;
    `holidays`, `workdays`: the calendar it was made by, ISO days. `leader_post`: where the leader answers, if anywhere.
    """

    post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="rosters")
    leader_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    year = models.SmallIntegerField()
    version = models.SmallIntegerField()
    pattern = models.CharField(max_length=12, choices=pairs(choices.PATTERNS))
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    crews = models.JSONField(default=list)
    absences = models.JSONField(default=list)
    holidays = models.JSONField(default=list)
    workdays = models.JSONField(default=list)
    rule_version = models.CharField(max_length=16)
    spread = models.JSONField(default=dict, help_text="family of turns → [fewest, most] a crew has")
    checks_a_week = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=pairs(choices.ROSTER_STATES), default="draft")
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=96, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["post", "year", "version"], name="response_roster_version"),
            models.UniqueConstraint(
                fields=["post", "year"], condition=Q(state="draft"), name="response_roster_one_draft"
            ),
            models.UniqueConstraint(
                fields=["post", "year"], condition=Q(state="published"), name="response_roster_one_published"
            ),
        )


class RosterShift(Row):
    """One shift of a roster (班次). `reason`: why the rest rule is set aside; `turns`: the territory's turns of duty
    that it became, by role."""

    roster = models.ForeignKey(RosterYear, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    night = models.BooleanField(default=False)
    kind = models.CharField(max_length=8, choices=pairs(choices.DAY_KINDS))
    crew = models.SmallIntegerField(null=True)
    leader = _person(null=True)
    main = _person(null=True)
    second = _person(null=True)
    reason = models.CharField(max_length=200, default="")
    turns = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="response_shift_order"),
            models.UniqueConstraint(fields=["roster", "starts_at"], name="response_shift_once"),
        )


class SwapRequest(Row):
    """Somebody asks to change shifts with somebody (换班), or for a stand-in (替班); the leader approves.

    `other_shift` null: `to_person` takes the shift and gives none back. `reason` why; `override`: why the rest rule is
    to be set aside, if it is.
    """

    kind = models.CharField(max_length=12, choices=pairs(choices.SWAP_KINDS))
    shift = models.ForeignKey(RosterShift, on_delete=models.PROTECT, related_name="swaps")
    role = models.CharField(max_length=8, choices=pairs(choices.DUTY_ROLES))
    from_person = _person()
    to_person = _person()
    other_shift = models.ForeignKey(RosterShift, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    override = models.CharField(max_length=200, default="")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=96)
    state = models.CharField(max_length=12, choices=pairs(choices.SWAP_STATES), default="asked")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=96, default="")
    note = models.CharField(max_length=300, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["shift", "role"], condition=Q(state="asked"), name="response_swap_one_open"
            ),
        )


class DutyPresence(Row):
    """Who of a shift came when, where they are, and when they left (到岗签到). One row a time somebody comes."""

    shift = models.ForeignKey(RosterShift, on_delete=models.PROTECT, related_name="presences")
    role = models.CharField(max_length=8, choices=pairs(choices.DUTY_ROLES))
    person = _person()
    whereabouts = models.CharField(max_length=12, choices=pairs(choices.PRESENCE))
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    late_min = models.SmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["shift", "role"], condition=Q(left_at__isnull=True), name="response_presence_current"
            ),
        )


class DutyCheck(Row):
    """A random check (抽查) of a desk: asked at a moment drawn from `seed` and `number`, answered when, by which way.

    `next_at`: when the sweep must act (ask; climb when nobody answers), null when nothing falls due any more.
    `climbs`: who was told that nobody answered, [{step, at, post, person, heard_at}]."""

    roster = models.ForeignKey(RosterYear, on_delete=models.PROTECT, related_name="checks")
    post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="+")
    seed = models.BigIntegerField()
    number = models.IntegerField()
    next_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    person = _person(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=96, default="")
    way = models.CharField(max_length=8, choices=pairs(choices.CHECK_WAYS), default="")
    took_s = models.IntegerField(null=True)
    late = models.BooleanField(default=False)
    climbs = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=pairs(choices.CHECK_STATES), default="planned")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["roster", "number"], name="response_check_once"),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False), name="response_check_answered"
            ),
        )
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_check_due"),
        )
