"""What a duty desk writes down: the log, the telephone record (both append-only), and the hand-over."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices_duty as choices
from anlan.response.models.duty import RosterShift
from anlan.territory.choices import pairs


def _desk() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("territory.Post", on_delete=models.PROTECT, related_name="+")


class PhoneRecord(Row):
    """A telephone call as it was taken down (电话记录). Never changed: a correction is a new row that names the one it
    `corrects`. A trigger refuses anything else, but for taking the caller's name and number out when they must go."""

    PERSONAL: ClassVar[bool] = True

    post = _desk()
    received_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=200)
    cause = models.TextField(default="")
    course = models.TextField(default="")
    measures = models.TextField(default="")
    result = models.TextField(default="")
    trend = models.TextField(default="")
    told = models.TextField(default="", help_text="whom the caller has told already")
    caller_unit = models.CharField(max_length=200, default="")
    caller_name = models.CharField(max_length=96, default="")
    caller_post = models.CharField(max_length=96, default="")
    caller_phone = models.CharField(max_length=32, default="")
    recorder = models.CharField(max_length=96)
    written_at = models.DateTimeField()
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    class Meta:
        indexes = (models.Index(fields=["post", "-received_at"], name="response_phone_post"),)


class DutyLogEntry(Row):
    """One entry of the duty log (值班日志), never changed. `link`: what it is about, as `type:id`; `settles`: the entry
    (an instruction, a fault) it settles; `corrects`: the one it puts right."""

    APPEND_ONLY: ClassVar[bool] = True

    post = _desk()
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=pairs(choices.LOG_KINDS))
    way = models.CharField(max_length=8, choices=pairs(choices.LOG_WAYS), default="")
    from_words = models.CharField(max_length=200, default="")
    to_words = models.CharField(max_length=200, default="")
    content = models.TextField()
    action = models.TextField(default="")
    operator = models.CharField(max_length=96)
    link = models.CharField(max_length=96, default="")
    phone = models.ForeignKey(PhoneRecord, null=True, on_delete=models.PROTECT, related_name="entries")
    settles = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="settled_by")
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["settles"], condition=Q(settles__isnull=False), name="response_log_settled_once"
            ),
        )
        indexes = (models.Index(fields=["post", "-at"], name="response_log_post"),)


class Handover(Row):
    """A hand-over of a desk from one shift to the next (交接班).

    `lists`: what is handed over, by name ({incidents, tasks, calls, reports, faults, instructions}: [{id, zh, en, …}]);
    `red`: the red items found, [{kind, id, zh, en, since, link}]; `seen`: id of a red item → {by, at} of the incoming.
    """

    post = _desk()
    shift_out = models.ForeignKey(RosterShift, null=True, on_delete=models.PROTECT, related_name="+")
    shift_in = models.ForeignKey(RosterShift, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="when the lists were last read")
    lists = models.JSONField(default=dict)
    red = models.JSONField(default=list)
    seen = models.JSONField(default=dict)
    note = models.TextField(default="")
    out_person = models.UUIDField(null=True)
    out_name = models.CharField(max_length=96, default="")
    out_signed_at = models.DateTimeField(null=True)
    in_person = models.UUIDField(null=True)
    in_name = models.CharField(max_length=96, default="")
    in_signed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=pairs(choices.HANDOVER_STATES), default="open")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["post"], condition=Q(state="open"), name="response_handover_one_open"),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(out_signed_at__isnull=False, in_signed_at__isnull=False),
                name="response_handover_both",
            ),
        )
