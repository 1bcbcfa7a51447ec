"""Who was rung about something that is no warning, by which ways, and what came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.warning import choices


class Ringing(Row):
    """One person rung about something that is no warning (点名呼叫), for a later stage, which reacts to the answer.

    `about`: what it is about, `type:id`, and `step`: which ring for it; both together once. `channels`: codes to try, in
    order; `sent`: code → {setting, state, tries, at, error} of the message that went by it. `why`: why nobody could be
    rung at all (choices.UNRUNG). What still waits at `ends_at` is taken back.
    """

    SCOPE = "down"

    about = models.CharField(max_length=64, db_collation="C")
    step = models.SmallIntegerField(default=0)
    person = models.UUIDField(null=True)
    title = models.JSONField()
    words = models.JSONField()
    channels = ArrayField(models.CharField(max_length=16))
    rung_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=choices.pairs(choices.RINGING_STATES))
    why = models.CharField(max_length=12, default="", choices=choices.pairs(choices.UNRUNG))
    sent = models.JSONField(default=dict)
    answer = models.CharField(max_length=12, default="", choices=choices.pairs(choices.ANSWERS))
    answered_at = models.DateTimeField(null=True)
    via = models.CharField(max_length=16, default="", choices=choices.pairs(choices.CHANNELS))

    class Meta:
        db_table = "warning_ringing"
        constraints = (models.UniqueConstraint(fields=["about", "step"], name="warning_ringing_once"),)
        indexes = (models.Index(fields=["ends_at"], condition=Q(state="ringing"), name="warning_ringing_ends"),)
