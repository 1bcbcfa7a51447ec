"""Rules a bureau makes for its own area beside the shipped ones: grading tables, clocks of reporting."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import Row
from anlan.response import choices, choices_rules


class LocalRule(Row):
    """A version of a grading table or of the clocks of one topic, made for a division (本级规则). Never changed once it is in
    force: an edit is the next number.

    kind, code: "grade" and the table's code, or "clock" and the topic. body: as in the shipped packs. document: the text it
    stands on. It holds for events of the days from valid_from up to, not including, valid_to; an event keeps the version of
    its own day. makers: who wrote it, {name, kind, person, post}; decided_by: who approved it, another hand.
    """

    SCOPE = "chain"  # what a city lays down also holds for its counties

    kind = models.CharField(max_length=8, choices=choices.pairs(choices_rules.RULE_KINDS))
    code = models.CharField(max_length=32, db_collation="C")
    number = models.IntegerField()
    body = models.JSONField()
    document = models.CharField(max_length=200)
    note = models.CharField(max_length=400)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=choices.pairs(choices_rules.RULE_STATES), default="draft")
    makers = models.JSONField(default=list)
    made_at = models.DateTimeField()
    decided_by = models.JSONField(null=True)
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["division", "kind", "code", "number"], name="local_rule_version"),
            models.UniqueConstraint(
                fields=["division", "kind", "code"], condition=Q(state="draft"), name="local_rule_one_draft"
            ),
        )
