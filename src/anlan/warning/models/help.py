"""The table of help asked for in an answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.warning import choices


class HelpRequest(Row):
    """Somebody called answered "need help" (支援请求): open until the desk takes it, then until it is closed.

    One a call; who asks again after it was closed opens it again. `person`: who asked, null when not told; `taken_by`:
    {kind, name, person, post} of who took it; `note`: what was done, when it is closed.
    """

    SCOPE = "down"

    call = models.OneToOneField("warning.Call", on_delete=models.PROTECT, related_name="help")
    warning = models.ForeignKey("warning.Warning", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=choices.pairs(choices.HELP_STATES), default="open")
    taken_by = models.JSONField(null=True)
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "warning_help"
        indexes = (models.Index(fields=["asked_at", "id"], condition=~Q(state="closed"), name="warning_help_waiting"),)
