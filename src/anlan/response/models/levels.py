"""Plans, proposals of levels, and the levels in force."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices, choices_levels


class Plan(Row):
    """One version of a plan (预案) as data; `body` is the whole rule pack. An old case keeps its version (law 6)."""

    SCOPE = "chain"

    code = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    hazards = models.JSONField(default=list)
    body = models.JSONField()
    sha256 = models.CharField(
        max_length=64, default="", db_default="", help_text="of the body; names its rules in memory"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code", "version"], name="response_plan_version"),)


class LevelProposal(Row):
    """The platform proposes a level; a named post decides against a clock (响应建议). `incident`: the one event it is
    for; null where the plan answers a danger to its whole area, such as a rainstorm.

    `due_at` is the deadline a page shows; `next_at` when the sweeper must act, null once the clock has run out or
    somebody has decided. `undecided` lists the posts that let their time pass: [{post, name, at, step}].
    """

    SCOPE = "chain"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="proposals")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="proposals")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    level = models.SmallIntegerField(help_text="1 (highest) to 4; 0 proposes to end")
    action = models.CharField(max_length=8, choices=choices.pairs(choices.PROPOSAL_ACTIONS))
    upward = models.BooleanField(default=True)
    trigger = models.JSONField()
    opened_at = models.DateTimeField()
    decider_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    holder_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    escalations = models.SmallIntegerField(default=0)
    undecided = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.PROPOSAL_STATES), default="open")
    decided_at = models.DateTimeField(null=True)
    decided_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "track", "upward", "incident"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="response_proposal_one_open",
            ),
            models.CheckConstraint(condition=Q(level__range=(0, 4)), name="response_proposal_level"),
        )
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_proposal_due"),
        )


class Level(Row):
    """A response level in force from `since` to `until` (null: now) in `area` (应急响应). A change is a new row.

    `incident`: the one event it answers; null where it answers a danger to the plan's whole area. `previous`: the row
    this one follows. `reason` and `basis`: why, and on what ground; `changes`: what it changed {from, to, add, cancel,
    keep}. `ending`: how it was ended {announced, stopped, watch, confirmed, open, reason} (突发事件应对法 art. 86).
    `quiet_since`: since when the triggers no longer hold; `review_at`: when the sweeper proposes to lower or end it.
    """

    SCOPE = "chain"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="levels")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="levels")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    level = models.SmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    decided_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey(LevelProposal, null=True, on_delete=models.PROTECT, related_name="levels")
    matter = models.CharField(max_length=96)
    measures = models.JSONField(default=list)
    expected_duration_h = models.FloatField()
    area = models.CharField(max_length=12)
    note = models.TextField(default="")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(default="", db_default="")
    basis = models.TextField(default="", db_default="")
    changes = models.JSONField(null=True)
    ending = models.JSONField(null=True)
    ended_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    quiet_since = models.DateTimeField(null=True)
    review_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["plan", "track", "incident"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="response_level_one_current",
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="response_level_range"),
        )
        indexes = (
            models.Index(
                fields=["review_at", "id"], condition=Q(review_at__isnull=False), name="response_level_review"
            ),
        )


class PurgeClock(Row):
    """When personal data gathered for a response must be destroyed (个人信息销毁, 突发事件应对法 art. 85), started when it ends.

    `next_at`: when the sweeper destroys it; null while it is held and when it is done. A hold needs the assessment of
    legality, need and safety the law asks for, and has an end. `destroyed`: rows by kind of data.
    """

    SCOPE = "chain"

    level = models.OneToOneField(Level, on_delete=models.PROTECT, related_name="purge")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(help_text="from when on data belongs to the response")
    until = models.DateTimeField(help_text="up to when: its end")
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=choices.pairs(choices_levels.PURGE_STATES), default="running")
    held_until = models.DateTimeField(null=True)
    assessment = models.JSONField(null=True)
    held_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    destroyed = models.JSONField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_purge_due"),
        )
