"""The table of pinned certificates: whose signature is believed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row


class SenderPin(Row):
    """A certificate that may speak for a sender (证书登记): confirmed by another way than the message itself.

    Holds for messages received at its division and below. `relay`: a hub that vouches for every sender (`sender` is ""
    then). `certificate`: DER, empty where only the fingerprint is known. One that ended stays on record with its reason.
    """

    SCOPE = "chain"

    sender = models.TextField(default="", help_text="the CAP sender, exactly as it stands in messages")
    relay = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, help_text="SHA-256 of the certificate's DER, lower-case hex")
    certificate = models.BinaryField(default=b"")
    subject = models.TextField(default="")
    valid_to = models.DateTimeField(null=True)
    reason = models.TextField()
    pinned_by = models.CharField(max_length=200)
    pinned_at = models.DateTimeField()
    ended_by = models.CharField(max_length=200, default="")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(default="")

    class Meta:
        db_table = "warning_sender_pin"
        constraints = (
            models.UniqueConstraint(
                fields=["division", "sender", "sha256"], condition=Q(ended_at=None), name="warning_sender_pin_once"
            ),
            models.CheckConstraint(condition=Q(relay=True) ^ ~Q(sender=""), name="warning_sender_pin_whose"),
        )
