"""On-site command posts: their groups, who commands, the rescue plan, and the command log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices, choices_command


class CommandPost(Row):
    """An on-site command post (现场指挥部) of an incident, or of a plan's response. It commands all who enter the site.

    `under`: the higher post that commands it since that one arrived. `tier`: whose command it is under, the length of a
    division code (0 nation, 2 province, 4 city, 6 county, 9 township).
    """

    SCOPE: ClassVar[str] = "chain"

    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="command_posts")
    level = models.ForeignKey("response.Level", null=True, on_delete=models.PROTECT, related_name="command_posts")
    under = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="linked")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300)
    template = models.CharField(max_length=24)
    template_version = models.CharField(max_length=16)
    tier = models.SmallIntegerField(default=6)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    place_words = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=8, choices=choices.pairs(choices_command.COMMAND_POST_STATES), default="active")
    set_up_at = models.DateTimeField()
    set_up_by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(state="active") & Q(under__isnull=True),
                name="response_post_one_an_incident",
            ),
            models.UniqueConstraint(
                fields=["level"], condition=Q(state="active") & Q(under__isnull=True), name="response_post_one_a_level"
            ),
            models.CheckConstraint(
                condition=Q(incident__isnull=False) | Q(level__isnull=False), name="response_post_of_something"
            ),
        )
        indexes = (models.Index(fields=["state", "division"]),)


class CommandGroup(Row):
    """One working group (工作组) of a command post: lead unit, members, duties, shift, radio channel.

    `members`: [{zh, en, code}]; `duties`: [{zh, en}]; `shift`: when it changes, ["08:00", "20:00"].
    """

    SCOPE: ClassVar[str] = "chain"

    command_post = models.ForeignKey(CommandPost, on_delete=models.PROTECT, related_name="groups")
    code = models.CharField(max_length=24)
    place_in_line = models.SmallIntegerField()
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    lead_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    lead_zh = models.CharField(max_length=96)
    lead_en = models.CharField(max_length=160)
    members = models.JSONField(default=list)
    duties = models.JSONField(default=list)
    shift = models.JSONField(default=list)
    channel = models.CharField(max_length=32, default="")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["command_post", "code"], name="response_group_once"),)


class CommanderTerm(Row):
    """Somebody commands (总指挥) from `since` to `until`; while `offered` the hand-over waits for the second signature.

    `situation` in the words of who hands over; `tasks` in progress, `resources` on site and open `requests` as the record
    had them then. `reason`: why it was taken without the other's signature ("" where both signed).
    """

    SCOPE: ClassVar[str] = "chain"

    command_post = models.ForeignKey(CommandPost, on_delete=models.PROTECT, related_name="terms")
    post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    tier = models.SmallIntegerField()
    state = models.CharField(max_length=12, choices=choices.pairs(choices_command.TERM_STATES), default="offered")
    offered_at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    handed_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="handed_to")
    situation = models.TextField(default="")
    tasks = models.JSONField(default=list)
    resources = models.JSONField(default=list)
    requests = models.JSONField(default=list)
    signed_out_by = models.CharField(max_length=96, default="")
    signed_out_at = models.DateTimeField(null=True)
    signed_in_by = models.CharField(max_length=96, default="")
    signed_in_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["command_post"], condition=Q(state="current"), name="response_term_one_current"
            ),
            models.UniqueConstraint(
                fields=["command_post"], condition=Q(state="offered"), name="response_term_one_offered"
            ),
            models.CheckConstraint(condition=~Q(state="current") | Q(since__isnull=False), name="response_term_since"),
        )


class CommandLogEntry(Row):
    """One entry of a command post's log (指挥日志). Append-only, in the database too: a correction is a new entry.

    `at`: when it happened, `recorded_at`: when it was written. `about`: what it is linked to (`task:<id>`, `team:<id>`).
    `answers`: the request it answers; `corrects`: the entry it takes the place of.
    """

    APPEND_ONLY: ClassVar[bool] = True

    command_post = models.ForeignKey(CommandPost, on_delete=models.PROTECT, related_name="entries")
    number = models.IntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    entry_kind = models.CharField(max_length=12, choices=choices.pairs(choices_command.LOG_KINDS))
    sender = models.CharField(max_length=96, default="")
    receiver = models.CharField(max_length=96, default="")
    channel = models.CharField(max_length=12, choices=choices.pairs(choices_command.LOG_CHANNELS), default="face")
    text = models.TextField()
    about = models.CharField(max_length=96, default="")
    by_name = models.CharField(max_length=96)
    by_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    answers = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answered_by")
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["command_post", "number"], name="response_log_number"),
            models.CheckConstraint(condition=~Q(text=""), name="response_log_says_something"),
        )


class RescuePlan(Row):
    """One version of the rescue plan on site (现场救援方案, 生产安全事故应急条例 art. 20–21): a new version replaces it.

    `safety`: safety officer, signal and way of withdrawal, the conditions under which work stops.
    """

    SCOPE: ClassVar[str] = "chain"

    command_post = models.ForeignKey(CommandPost, on_delete=models.PROTECT, related_name="rescue_plans")
    number = models.SmallIntegerField()
    aims = models.TextField()
    steps = models.TextField()
    safety = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=96)
    state = models.CharField(max_length=12, choices=choices.pairs(choices_command.RESCUE_PLAN_STATES), default="draft")
    in_force_at = models.DateTimeField(null=True)
    in_force_by = models.CharField(max_length=96, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["command_post", "number"], name="response_rescue_plan_number"),
            models.UniqueConstraint(
                fields=["command_post"], condition=Q(state="in_force"), name="response_rescue_plan_one"
            ),
        )
