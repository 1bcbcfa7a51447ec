"""Tables of the feeds we poll: what is set up, how the last poll went, what was taken already."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import BulkRow, Row
from anlan.warning import choices


class FeedSource(Row):
    """A feed or file of somebody else's warnings that is polled (外部预警源). What it is, not how it is.

    policy: what becomes of messages whose signature is not proved (choices.POLICIES).
    """

    SCOPE = "down"

    name = models.CharField(max_length=64, unique=True)
    url = models.TextField()
    interval_s = models.IntegerField()
    enabled = models.BooleanField(default=True)
    policy = models.CharField(max_length=16, choices=choices.pairs(choices.POLICIES), default="tell")

    class Meta:
        db_table = "warning_feed_source"


class FeedPoll(BulkRow):
    """How polling a source goes: rewritten by every poll, so no versions are kept (轮询状态).

    etag, modified: validators of the last whole answer that was wholly taken; error: {code, zh, en} or {}.
    """

    source = models.OneToOneField(FeedSource, on_delete=models.PROTECT, related_name="poll")
    state = models.CharField(max_length=8, choices=choices.pairs(choices.FEED_STATES), default="new")
    etag = models.CharField(max_length=200, default="")
    modified = models.CharField(max_length=64, default="")
    due_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    taken = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    error = models.JSONField(default=dict)

    class Meta:
        db_table = "warning_feed_poll"
        indexes = (models.Index(fields=["due_at"], name="warning_feed_due"),)


class FeedTaken(BulkRow):
    """An entry of a feed that was taken, so that it is not taken again while it is listed (已取条目)."""

    source = models.ForeignKey(FeedSource, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64, help_text="SHA-256 of the entry's id, date and content or address")
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "warning_feed_taken"
        constraints = (models.UniqueConstraint(fields=["source", "key"], name="warning_feed_taken_once"),)
