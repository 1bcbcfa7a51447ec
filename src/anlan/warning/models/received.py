"""Tables of messages received from others: the bytes as they came, and how each message stands."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.warning import choices


class ReceivedBody(BulkRow):
    """The original bytes of a message received (原始报文), once for each division. Never changed."""

    SCOPE = "chain"

    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        db_table = "warning_received_body"
        constraints = (models.UniqueConstraint(fields=["division", "sha256"], name="warning_received_body_once"),)


class ReceivedAlert(Row):
    """One CAP message received by a division, as it was read, and how it stands in its chain (收到的预警).

    verdict: valid, accepted_with_findings or rejected; findings [{code, severity, path, zh, en}]. references: triples
    [[sender, identifier, sent or null, as written]]. ties: what it may share with others of its surroundings. state,
    signature, signature_said [{code, zh, en, fingerprint}]: what checking its signature said at the door, once; doubt: why
    the source's policy holds it. why, answers: of the message; chain: names its chain, and chain_state is that of the whole. Of what couldn't be
    read there are the bytes and the findings alone.
    """

    SCOPE = "chain"

    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    source = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    verdict = models.CharField(max_length=24, choices=choices.pairs(choices.VERDICTS))
    findings = models.JSONField(default=list)
    verified = models.BooleanField(default=False)
    signature = models.CharField(max_length=12, choices=choices.pairs(choices.SIGNATURES), default="unchecked")
    signature_said = models.JSONField(default=list)
    doubt = models.CharField(max_length=16, default="")
    sender = models.TextField(default="")
    identifier = models.TextField(default="")
    sent = models.DateTimeField(null=True)
    sent_text = models.TextField(default="")
    status = models.CharField(max_length=16, default="")
    msg_type = models.CharField(max_length=16, default="")
    audience = models.CharField(max_length=16, default="", help_text="the message's scope: Public, Restricted, Private")
    references = models.JSONField(default=list)
    expires = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="")
    fingerprint = models.CharField(max_length=64, default="")
    ties = models.JSONField(default=list)
    event = models.TextField(default="")
    headline = models.TextField(default="")
    severity = models.CharField(max_length=16, default="")
    state = models.CharField(max_length=12, choices=choices.pairs(choices.ALERT_STATES))
    state_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    why = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    chain = models.CharField(max_length=64, default="", db_index=True)
    chain_state = models.CharField(max_length=12, choices=choices.pairs(choices.ALERT_STATES))
    released_at = models.DateTimeField(null=True)
    release_reason = models.TextField(default="")

    class Meta:
        db_table = "warning_received"
        constraints = (models.UniqueConstraint(fields=["division", "sha256"], name="warning_received_once"),)
        indexes = (
            models.Index(fields=["-received_at", "-id"], name="warning_received_new"),
            models.Index(fields=["ends_at"], condition=Q(state__in=("in_force", "held")), name="warning_received_ends"),
            GinIndex(fields=["ties"], name="warning_received_ties"),
            models.Index(
                fields=["division", "fingerprint", "sent"],
                condition=Q(msg_type="Alert"),
                name="warning_received_content",
            ),
        )
