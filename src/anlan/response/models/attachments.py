"""Files that belong to a task, an order or anything else of the response; and what phones have sent already."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import BulkRow, Row


class Attachment(Row):
    """A file (附件): photos of what was done or seen. `about` is `type:id`; `taken_at`, `lon`, `lat`: as the camera wrote
    them, offered by who sent it, so statements and no proof. Its bytes are in `AttachmentBytes`. A photograph may show
    people, so it goes with the purge clock; `kept`: {reason, by, at} of who looked and kept it for the archive."""

    SCOPE = "down"
    PERSONAL = True

    about = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=32)
    bytes = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    sha256 = models.CharField(max_length=64, db_collation="C")
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=96)
    kept = models.JSONField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["about", "sha256"], name="response_attachment_once"),)


class AttachmentBytes(BulkRow):
    """The bytes of one attachment, in the database so that backup and exchange carry them; empty once destroyed."""

    attachment = models.OneToOneField(Attachment, primary_key=True, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()


class SentAct(BulkRow):
    """An act a phone has sent, by the key it gave it: sent again after a cut, it is done once. A mass table."""

    key = models.UUIDField(primary_key=True)
    task = models.ForeignKey("response.Task", on_delete=models.PROTECT, related_name="+", db_index=False)
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
