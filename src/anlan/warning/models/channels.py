"""Tables of the channels: how each way out is set and how it fares, the queue of messages, what comes back."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.warning import choices


class ChannelSetting(Row):
    """One way out (渠道): which channel code it carries, by which kind of gateway, how fast and with how many tries.

    `settings` by kind (formats/channel_settings.py); secrets are named there and kept in anlan.toml. Of several
    that carry one code the lowest `rank` that is well is used. `instead` names the channel codes that take its
    messages over when it is down. `in_doubt`: what becomes of a message whose hand-over a crash left unknown.
    `paused_why`: why it is not `enabled`, in the words of who paused it.
    """

    SCOPE = "chain"

    code = models.CharField(max_length=32, unique=True, db_collation="C")
    carries = models.CharField(max_length=16, choices=choices.pairs(choices.CHANNELS))
    kind = models.CharField(max_length=16, choices=choices.pairs(choices.GATEWAY_KINDS))
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    enabled = models.BooleanField(default=True)
    rank = models.SmallIntegerField(default=0)
    settings = models.JSONField(default=dict)
    rate_per_s = models.FloatField(default=10.0)
    window = models.IntegerField(default=10)
    tries = models.SmallIntegerField(default=5)
    backoff_s = models.FloatField(default=2.0)
    in_doubt = models.CharField(max_length=8, choices=[("repeat", "Repeat"), ("stop", "Stop")], default="repeat")
    instead = models.JSONField(default=list)
    cost_fen = models.FloatField(default=0.0)
    paused_why = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "warning_channel_setting"
        constraints = (
            models.CheckConstraint(condition=Q(rate_per_s__gt=0), name="channel_rate"),
            models.CheckConstraint(condition=Q(window__range=(1, 10_000)), name="channel_window"),
            models.CheckConstraint(condition=Q(tries__range=(1, 100)), name="channel_tries"),
        )


class ChannelHealth(BulkRow):
    """How a way out fares, written by the sender process. state: waiting, up or down, since state_at.

    error: the last fault in words; handed, delivered, failed, parts: since it was set up; cost_fen: their cost.
    """

    SCOPE = "chain"

    setting = models.OneToOneField(
        ChannelSetting, primary_key=True, on_delete=models.CASCADE, related_name="health", db_constraint=False
    )
    state = models.CharField(max_length=8, default="waiting")
    state_at = models.DateTimeField()
    error = models.TextField(default="")
    error_at = models.DateTimeField(null=True)
    handed = models.BigIntegerField(default=0)
    delivered = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    parts = models.BigIntegerField(default=0)
    cost_fen = models.FloatField(default=0.0)
    written_at = models.DateTimeField()

    class Meta:
        db_table = "warning_channel_health"


class OutboxText(BulkRow):
    """The words of messages, once for all who get the same. The id follows from warning and words."""

    SCOPE = "chain"

    id = models.UUIDField(primary_key=True)
    warning = models.UUIDField()
    zh = models.TextField()
    en = models.TextField()

    class Meta:
        db_table = "warning_outbox_text"


class OutboxMessage(BulkRow):
    """One message on one channel (发件箱): queued with the act that made it, sent after it, kept for a while.

    `warning` is the warning it is of, or for `ringing` the ringing (models/ringing.py) and its only call.
    `recipient` is the person, or for a message to a group or to everybody an id that follows from whom it is for.
    Unique by warning, recipient, channel and step: nobody is called twice for one version on one channel.
    `calls` are the calls an answer to it answers. `fence` grows each time a worker takes it; results of an older
    taking are refused. `reference` is the gateway's id of it.

    No index holds a column that changes, and the pages keep room: both changes of a message stay within its page.
    Which messages wait is kept by the block (OutboxBlock), by which gateway's id a receipt finds them in OutboxReference.
    """

    warning = models.UUIDField()
    recipient = models.UUIDField()
    setting = models.UUIDField()
    channel = models.CharField(max_length=16)
    step = models.SmallIntegerField()
    person = models.UUIDField(null=True)
    address = models.CharField(max_length=600, default="")
    role = models.CharField(max_length=32, default="")
    text = models.UUIDField()
    calls = ArrayField(models.UUIDField(), default=list)
    priority = models.SmallIntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=choices.pairs(choices.MESSAGE_STATES), default="queued")
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    worker = models.UUIDField(null=True)
    fence = models.IntegerField(default=0)
    reference = models.CharField(max_length=96, default="")
    parts = models.SmallIntegerField(default=0)
    handed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, default="")
    ringing = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "warning_outbox"
        constraints = (
            models.UniqueConstraint(fields=["warning", "recipient", "channel", "step"], name="warning_outbox_once"),
        )
        indexes = (models.Index(fields=["address", "-id"], condition=Q(channel="sms"), name="warning_outbox_address"),)


class OutboxBlock(BulkRow):
    """Messages that wait together for one way out, or that a worker took together (worker set) until all are written.

    `messages` are ids of OutboxMessage, the gravest first; of those, what is no longer queued (taken back, moved) is
    passed over when the block is taken.
    """

    SCOPE = "chain"

    setting = models.UUIDField()
    priority = models.SmallIntegerField()
    due_at = models.DateTimeField()
    messages = ArrayField(models.BigIntegerField())
    worker = models.UUIDField(null=True)

    class Meta:
        db_table = "warning_outbox_block"
        indexes = (models.Index(fields=["setting", "priority", "due_at", "id"], name="warning_outbox_block_order"),)


class OutboxReference(BulkRow):
    """By which gateway's id a receipt finds its message."""

    SCOPE = "chain"

    message = models.BigIntegerField(primary_key=True)
    setting = models.UUIDField()
    reference = models.CharField(max_length=96)

    class Meta:
        db_table = "warning_outbox_reference"
        indexes = (models.Index(fields=["setting", "reference"], name="warning_outbox_told"),)


class InboxItem(BulkRow):
    """What a gateway told us (receipt) until it is matched with its message. state: delivered or failed."""

    setting = models.UUIDField()
    reference = models.CharField(max_length=96)
    state = models.CharField(max_length=9)
    detail = models.CharField(max_length=120, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "warning_inbox"
        indexes = (models.Index(fields=["setting", "id"], name="warning_inbox_order"),)


class ContactAddress(Row):
    """Where a person is reached on a channel other than by telephone (联系地址): a mailbox, a browser's push address.

    `keys`: what the channel needs beside it (web push: p256dh and auth).
    """

    PERSONAL = True

    person = models.UUIDField()
    channel = models.CharField(max_length=16, choices=choices.pairs(choices.CHANNELS))
    address = models.CharField(max_length=600)
    keys = models.JSONField(default=dict)

    class Meta:
        db_table = "warning_contact_address"
        constraints = (models.UniqueConstraint(fields=["person", "channel"], name="warning_contact_once"),)
