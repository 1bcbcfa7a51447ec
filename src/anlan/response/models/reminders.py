"""Counties under a grave warning whose response is waited for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row


class Reminder(Row):
    """A county (`division`) under a warning of a colour that asks for a response (提醒督促).

    `since`: when the warning was issued; `next_at`: when it is looked at next, null once settled; `times`: how often it
    was reminded; `settled`: started (a response was), over (the warning was), most (reminded as often as the rule says).
    """

    SCOPE = "down"

    warning = models.ForeignKey("warning.Warning", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    times = models.SmallIntegerField(default=0)
    settled = models.CharField(max_length=8, default="", choices=[(c, c) for c in ("started", "over", "most")])
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["warning", "division"], name="response_reminder_once"),)
        indexes = (
            models.Index(fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="response_reminder_due"),
        )
