"""The tables of replies that no call matched, and of what each way out sent when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.warning import choices


class UnreadReply(Row):
    """A text or key press that answered no call by itself (待处理回复): open until the duty desk reads it.

    `key`: by which a repeat of the gateway is known, empty when it gives none; `reason`: choices.UNREAD_REASONS;
    `calls`: of the message it replies to; `became`: an answer's code or "filed" once it is read, with `note`, `call`,
    `done_by` {kind, name, person, post} and `done_at`.
    """

    SCOPE = "down"
    PERSONAL = True

    setting = models.CharField(max_length=32, db_collation="C")
    channel = models.CharField(max_length=16, choices=choices.pairs(choices.CHANNELS))
    reason = models.CharField(max_length=16, choices=choices.pairs(choices.UNREAD_REASONS))
    words = models.CharField(max_length=200)
    address = models.CharField(max_length=600, default="")
    person = models.UUIDField(null=True)
    calls = ArrayField(models.UUIDField(), default=list)
    key = models.CharField(max_length=200, default="", db_collation="C")
    at = models.DateTimeField()
    became = models.CharField(max_length=12, default="", choices=choices.pairs(choices.REPLY_ENDS))
    call = models.UUIDField(null=True)
    note = models.CharField(max_length=1000, default="")
    done_by = models.JSONField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "warning_unread_reply"
        constraints = (
            models.UniqueConstraint(fields=["setting", "key"], condition=~Q(key=""), name="warning_unread_once"),
        )
        indexes = (models.Index(fields=["at", "id"], condition=Q(became=""), name="warning_unread_open"),)


class ChannelSlot(BulkRow):
    """What a way out handed over in five minutes from `at`, and what that cost (渠道用量). Written by the senders.

    handed: taken over by the gateway, delivered at once ones too; delivered and failed: by receipt too; cost_fen: of
    `parts` at the way's cost then.
    """

    SCOPE = "chain"

    setting = models.UUIDField()
    at = models.DateTimeField()
    handed = models.BigIntegerField(default=0)
    delivered = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    parts = models.BigIntegerField(default=0)
    cost_fen = models.FloatField(default=0.0)

    class Meta:
        db_table = "warning_channel_slot"
        constraints = (models.UniqueConstraint(fields=["setting", "at"], name="warning_slot_once"),)
