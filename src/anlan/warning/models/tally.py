"""The tally of calls (叫应计数): what boards show, kept by the database in the statement that changes a call."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow


class CallTally(BulkRow):
    """How many calls of a warning stand alike, as differences: the figure is the sum of `n` over equal rows.

    A trigger adds rows and never changes any, so that answers arriving together don't wait for one another;
    `services.tally_fold` puts them together now and then. `division` is the township (or the post's own division above
    it), `first_placed_at` when they were first called, `via` the channel of the first answer, '' before it.
    """

    warning = models.UUIDField()
    level = models.CharField(max_length=10)
    role = models.CharField(max_length=32)
    first_placed_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    answer = models.CharField(max_length=12, default="")
    via = models.CharField(max_length=16, default="")
    n = models.IntegerField()
    folded = models.BooleanField(default=False)

    class Meta:
        db_table = "warning_call_tally"
        indexes = (
            models.Index(fields=["warning", "division"], name="warning_tally_of"),
            models.Index(fields=["id"], condition=Q(folded=False), name="warning_tally_loose"),
        )
