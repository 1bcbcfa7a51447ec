"""Who must report when, what was reported and who had it when, the roll-up, and the casualty ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, Row
from anlan.response import choices, choices_levels
from anlan.response.choices_report import DISASTER_STATES, DISASTER_TYPES, REPORT_FORMS, REPORT_KINDS


class Disaster(Row):
    """A disaster counted as one (灾害过程): what the returns of all levels inside `division` are about.

    `kind` is the disaster type of the statistics, `sub_type` the finer one counties fill in. From `stable_at` the daily
    report ends and the verified returns are owed.
    """

    SCOPE = "chain"

    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, choices=choices.pairs(DISASTER_TYPES))
    sub_type = models.CharField(max_length=64, default="")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    stable_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=choices.pairs(DISASTER_STATES), default="open")
    rules_version = models.CharField(max_length=16)


class ReportDuty(Row):
    """What a division owes: a report of `kind` to the levels `to`, by `next_due_at`; once, or again every `interval_h`
    hours or at the times of `daily_at`, also when nothing changed (零报告). `next_due_at` null: nothing more falls due.

    `ring_at`: when its desk is rung about it, if nothing has been sent by then.

    It belongs to a plan's response (`plan_code`), an incident or a disaster. `by`: the level that owes, "unit" the unit
    concerned. `asked`: the words of a superior who asked (核实、催报). Met once: `met_at`, `met_by`.
    """

    plan_code = models.CharField(max_length=32, default="", db_default="")
    track = models.CharField(max_length=8, choices=choices.pairs(choices.TRACKS), default="main")
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="report_duties")
    disaster = models.ForeignKey(Disaster, null=True, on_delete=models.PROTECT, related_name="duties")
    post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=choices.pairs(REPORT_KINDS), default="zero")
    form = models.CharField(max_length=8, choices=choices.pairs(REPORT_FORMS), default="any", db_default="any")
    rule = models.CharField(max_length=32, default="", db_default="")
    by = models.CharField(max_length=12, default="county", db_default="county")
    to = models.JSONField(default=list, db_default=[])
    interval_h = models.SmallIntegerField(default=0)
    daily_at = models.JSONField(default=list, db_default=[])
    starts_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    ring_at = models.DateTimeField(null=True)
    extended = models.JSONField(default=list, db_default=[])
    ended_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey("response.Report", null=True, on_delete=models.PROTECT, related_name="meets")
    breaches = models.SmallIntegerField(default=0)
    asked = models.JSONField(default=dict, db_default={})
    rule_version = models.CharField(max_length=16)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["division", "kind", "form", "rule", "track", "plan_code", "incident", "disaster"],
                condition=Q(ended_at__isnull=True) & Q(asked={}),
                nulls_distinct=False,
                name="response_duty_one_current",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_due_at", "id"], condition=Q(next_due_at__isnull=False), name="response_duty_due"
            ),
            models.Index(fields=["division"], condition=Q(ended_at__isnull=True), name="response_duty_open"),
            models.Index(fields=["ring_at"], condition=Q(ring_at__isnull=False), name="response_duty_ring"),
        )


class ReportBreach(Row):
    """A report that was not sent by its time (漏报); seen by every level above. `made_good_at`: when it came, late."""

    duty = models.ForeignKey(ReportDuty, on_delete=models.PROTECT, related_name="breach_rows")
    due_at = models.DateTimeField()
    in_a_row = models.SmallIntegerField()
    made_good_at = models.DateTimeField(null=True)


class Report(Row):
    """One report as it was sent (报告): never changed; a later one follows it. `figures` as the sender gave them.

    It is about an incident, a disaster, or neither (a response's daily report); numbered by division and subject.
    `standing`: the figures that hold after it; `delta`: [[code, before, after]]; `falls`: those that fell, with `reason`;
    `content`: the items of the first report by field; `findings`: soft findings that travelled with it; `explains`:
    {code: words} where it differs from the sum below; `ref`: the sender's own key, so that a repeat is taken once.
    """

    APPEND_ONLY = True

    seq = models.IntegerField()
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="reports")
    disaster = models.ForeignKey(Disaster, null=True, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=16, choices=choices.pairs(REPORT_KINDS), default="zero")
    form = models.CharField(max_length=8, choices=choices.pairs(REPORT_FORMS), default="written", db_default="written")
    channel = models.CharField(max_length=12, default="platform", db_default="platform")
    by = models.CharField(max_length=12, default="", db_default="", help_text="unit: the unit itself, told by phone")
    as_of = models.DateTimeField()
    sent_at = models.DateTimeField()
    author_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    author = models.CharField(max_length=96, default="", db_default="")
    signer = models.CharField(max_length=96, default="", db_default="")
    text = models.TextField(default="", db_default="")
    content = models.JSONField(default=dict, db_default={})
    figures = models.JSONField(default=dict)
    standing = models.JSONField(default=dict, db_default={})
    delta = models.JSONField(default=list, db_default=[])
    ledger = models.JSONField(default=dict, help_text="totals of the casualty ledger at that moment")
    falls = models.JSONField(default=list)
    frozen = models.JSONField(default=list)
    reason = models.TextField(default="")
    explains = models.JSONField(default=dict, db_default={})
    findings = models.JSONField(default=list, db_default=[])
    attachments = models.JSONField(default=list, db_default=[])
    ref = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["division", "incident", "disaster", "seq"], nulls_distinct=False, name="response_report_seq"
            ),
            models.UniqueConstraint(fields=["division", "ref"], condition=~Q(ref=""), name="response_report_ref"),
        )
        indexes = (models.Index(fields=["disaster", "division", "-seq"], name="response_report_latest"),)


class ReportReceipt(Row):
    """A report at one level above (收到情况): when it lay there, and when who acknowledged it, so that it can be shown
    who knew when. `level`: that level's division, "" the state; `skip`: a copy that skipped levels (越级直报)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="receipts")
    level = models.CharField(max_length=12)
    skip = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_post = models.ForeignKey("territory.Post", null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_by = models.CharField(max_length=96, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["report", "level"], name="response_receipt_once"),)
        indexes = (
            models.Index(
                fields=["level", "received_at"], condition=Q(acknowledged_at__isnull=True), name="response_receipt_open"
            ),
        )


class ReturnTotal(BulkRow):
    """The roll-up of a disaster at one division (逐级汇总), worked out from the latest reports below, never by whoever
    files. `own`: figures of its own latest report; `below`: sum over the divisions directly under it, each by its own
    report or else its own sum; `raw`: the same, by what was told furthest down. `reported` of `expected` divisions directly
    below have figures.
    """

    disaster = models.ForeignKey(Disaster, on_delete=models.CASCADE, related_name="totals", db_index=False)
    own = models.JSONField(null=True)
    own_seq = models.IntegerField(default=0)
    own_sent_at = models.DateTimeField(null=True)
    below = models.JSONField(null=True)
    raw = models.JSONField(null=True)
    reported = models.IntegerField(default=0)
    expected = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, help_text="the latest report inside it")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["disaster", "division"], name="response_total_once"),)


class ReturnDifference(Row):
    """A level reports otherwise than those below it add up to (上下级差异): figure by figure [own, below]. Open until it
    is explained or the two agree. One row a disaster and division, changed as the figures change; its versions are kept.
    """

    disaster = models.ForeignKey(Disaster, on_delete=models.PROTECT, related_name="differences")
    items = models.JSONField(default=dict)
    explained = models.JSONField(default=dict, help_text="{code: {words, by, at}}")
    since = models.DateTimeField()
    state = models.CharField(max_length=12, default="open")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["disaster", "division"], name="response_difference_once"),)


class CasualtyEntry(Row):
    """One person of the ledger (伤亡台账). The name may be unknown: then the label is unknown-1, unknown-2, …"""

    PERSONAL = True

    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="casualties")
    disaster = models.ForeignKey(Disaster, null=True, on_delete=models.PROTECT, related_name="casualties")
    kind = models.CharField(max_length=8, choices=choices.pairs(choices.CASUALTY_KINDS))
    label = models.CharField(max_length=96)
    known = models.BooleanField(default=False)
    place = models.CharField(max_length=200)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    found_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    source = models.CharField(max_length=200)
    reporter = models.CharField(max_length=96)
    state = models.CharField(max_length=12, choices=choices.pairs(choices.CASUALTY_STATES), default="entered")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    reason = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["division", "label"], condition=~Q(label=choices_levels.PURGED), name="response_casualty_label"
            ),
        )


class Contact(BulkRow):
    """When a village or township last showed a sign of life, and the watch on it under red rain (失联监视).

    A mass table: signs of life come in thousands. What follows from them (contact lost, found again) is journalled.
    `beats`: it sends signs by itself, so its silence is watched as long as the rain is red; else one contact suffices.
    """

    last_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=24, default="")
    beats = models.BooleanField(default=False)
    watch_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(
        "response.Incident", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=["division"], name="response_contact_division"),)
        indexes = (
            models.Index(fields=["due_at", "division"], condition=Q(due_at__isnull=False), name="response_contact_due"),
            # only of the few that are lost: thousands of others are written every few minutes
            models.Index(fields=["incident"], condition=Q(incident__isnull=False), name="response_contact_lost"),
        )
