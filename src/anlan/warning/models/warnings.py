"""Tables of the warning stage: proposals, warnings, the calls they make, channels used, stop orders, loop-back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.warning import choices


class WarningProposal(Row):
    """The platform proposes a warning for a county; a named post decides against a clock (预警建议)."""

    SCOPE = "chain"

    signal = models.UUIDField(null=True)
    hazard = models.CharField(max_length=8)
    colour = models.CharField(max_length=8, choices=choices.pairs(choices.COLOURS))
    area = models.JSONField(help_text="division prefixes")
    state = models.CharField(max_length=12, choices=choices.pairs(choices.PROPOSAL_STATES), default="open")
    opened_at = models.DateTimeField()
    decider_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)
    escalations = models.SmallIntegerField(default=0)
    explanation = models.JSONField(default=dict)
    rule_version = models.CharField(max_length=32)
    warning = models.ForeignKey("warning.Warning", null=True, on_delete=models.PROTECT, related_name="proposals")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")

    class Meta:
        db_table = "warning_proposal"
        constraints = (
            models.UniqueConstraint(
                fields=["division", "hazard"], condition=Q(state="open"), name="warning_proposal_one_open"
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(state="open"), name="warning_proposal_due"),)


class Warning(Row):
    """One issued warning message (预警). Its words and area never change; an update is a new row."""

    SCOPE = "chain"

    number = models.CharField(max_length=31, unique=True, help_text="GB/T 35965.1 identity, also the CAP identifier")
    hazard = models.CharField(max_length=8)
    colour = models.CharField(max_length=8, choices=choices.pairs(choices.COLOURS))
    issuer_kind = models.CharField(max_length=12, choices=choices.pairs(choices.ISSUER_KINDS))
    issuer_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=14)
    headline_zh = models.TextField()
    headline_en = models.TextField()
    description_zh = models.TextField()
    description_en = models.TextField()
    instruction_zh = models.TextField()
    instruction_en = models.TextField()
    area = models.JSONField(help_text="division prefixes")
    outline = models.JSONField(null=True, help_text="GeoJSON the area was drawn as; null: whole divisions")
    incidents = models.TextField(default="", help_text="CAP incidents: what the message goes back to")
    note = models.TextField(default="", help_text="CAP note, such as whose message it passes on")
    issued_at = models.DateTimeField()
    effective = models.DateTimeField()
    expires = models.DateTimeField()
    state = models.CharField(max_length=12, choices=choices.pairs(choices.WARNING_STATES), default="in_force")
    state_at = models.DateTimeField()
    references = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="later", help_text="the first message of the chain"
    )
    drill = models.BooleanField(default=False)
    cap_xml = models.TextField()
    cancel_number = models.CharField(max_length=31, default="")
    cancel_reason = models.TextField(default="")
    cancel_xml = models.TextField(default="")
    channels_required = models.JSONField(default=list)
    words = models.JSONField(default=dict, help_text="actions: audience → {zh, en}; sms: {zh, en}; empty: the pack's")
    ladder = models.CharField(max_length=32)
    ladder_version = models.CharField(max_length=32)

    class Meta:
        indexes = (models.Index(fields=["expires"], condition=Q(state="in_force"), name="warning_in_force"),)
        constraints = (
            models.CheckConstraint(condition=Q(expires__gt=models.F("effective")), name="warning_lasts"),
            models.CheckConstraint(
                condition=~Q(instruction_zh="") & ~Q(instruction_en=""), name="warning_has_instruction"
            ),
        )


class Call(Row):
    """One person called for one warning, and how far the call has climbed (叫应).

    `route` is the ladder fixed when the call was placed: [{holder, limit_s, contacts: [[post, code, role, person]]}].
    `attempts` holds [placed, due] of every step reached; `answers` every accepted answer; both only grow.
    Few indexes on purpose: thousands of rows are written at once, and every answer rewrites its row.
    """

    SCOPE = "down"

    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="calls", db_index=False)
    post = models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(
        "territory.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    place = models.ForeignKey("territory.Place", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=32)
    level = models.CharField(max_length=10, choices=choices.pairs(choices.LEVELS))
    place_kind = models.CharField(max_length=20, default="")
    reason = models.JSONField(default=list)
    channels = models.JSONField(default=list)
    route = models.JSONField(default=list)
    step = models.SmallIntegerField(default=0)
    holder = models.CharField(max_length=10, choices=choices.pairs(choices.HOLDERS))
    state = models.CharField(max_length=10, choices=choices.pairs(choices.CALL_STATES))
    first_placed_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.JSONField(default=list)
    answer = models.CharField(max_length=12, null=True, choices=choices.pairs(choices.ANSWERS))
    answered_at = models.DateTimeField(null=True)
    answered_holder = models.CharField(max_length=10, default="")
    late_s = models.IntegerField(default=0)
    answers = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["warning", "person"], name="warning_call_once_a_person"),)
        indexes = (models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="warning_call_due"),)


class ChannelUse(Row):
    """Whether a channel was used for a warning; a required one that was not is a red item (渠道缺失)."""

    SCOPE = "chain"

    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="channel_uses")
    channel = models.CharField(max_length=16, choices=choices.pairs(choices.CHANNELS))
    required = models.BooleanField()
    state = models.CharField(max_length=8, choices=[("used", "Used"), ("missing", "Missing")])
    at = models.DateTimeField()

    class Meta:
        db_table = "warning_channel"
        constraints = (models.UniqueConstraint(fields=["warning", "channel"], name="warning_channel_once"),)


class StopOrder(Row):
    """An order in force that stops something (停运 停课 停工 封闭); texts of warnings are checked against it."""

    SCOPE = "chain"

    kind = models.CharField(max_length=12, choices=choices.pairs(choices.STOP_KINDS))
    source_zh = models.TextField()
    source_en = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "warning_stop_order"
        indexes = (models.Index(fields=["division"], condition=Q(until__isnull=True), name="warning_stop_in_force"),)


class LoopbackSetting(Row):
    """How the simulated people of a drill answer: one row, made by the scenario (回环渠道设置)."""

    SCOPE = "open"

    name = models.CharField(max_length=32, unique=True, default="default")
    seed = models.BigIntegerField()
    channels = models.JSONField(default=list)
    people = models.JSONField(default=dict)


class Loopback(BulkRow):
    """An answer a simulated person will give, and whether it has been delivered. No foreign key in the database: see Seal."""

    SCOPE = "down"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    person = models.UUIDField()
    step = models.SmallIntegerField()
    due_at = models.DateTimeField()
    content = models.CharField(max_length=12)
    delivered = models.BooleanField(default=False)

    class Meta:
        db_table = "warning_loopback"
        constraints = (models.UniqueConstraint(fields=["call", "step", "person"], name="warning_loopback_once"),)
        indexes = (models.Index(fields=["due_at"], condition=Q(delivered=False), name="warning_loopback_due"),)
