"""Papers (文书): the paper with its hands, its versions, the numbers given, the files made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel import ids
from anlan.kernel.models import BulkRow, Row
from anlan.response import choices, choices_papers


class Paper(Row):
    """A paper on its way: drafted, checked, signed, issued (拟稿 审核 签发 印发), each by a named hand, or withdrawn.

    `organ`, `word`: whose numbers it counts by (发文字号 = word〔year〕number号), given when it is issued. `version`: the one
    that counts; `digest`: SHA-256 of its content, for which a check and a signature hold. `replaces`: an issued paper it
    takes the place of. `as_of`: the moment of the record it was filled from. `files`: what was made, by name: {sha256, bytes}.
    """

    kind = models.CharField(max_length=16, choices=choices.pairs(choices_papers.PAPER_KINDS))
    state = models.CharField(max_length=10, choices=choices.pairs(choices_papers.PAPER_STATES), default="drafted")
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    organ = models.CharField(max_length=64)
    word = models.CharField(max_length=40)
    year = models.SmallIntegerField(null=True)
    number = models.IntegerField(null=True)
    version = models.SmallIntegerField(default=1)
    digest = models.CharField(max_length=64)
    incident = models.ForeignKey("response.Incident", null=True, on_delete=models.PROTECT, related_name="papers")
    level = models.ForeignKey("response.Level", null=True, on_delete=models.PROTECT, related_name="papers")
    about = models.CharField(
        max_length=96, default="", help_text="what else it was filled from, as the journal names it"
    )
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    as_of = models.DateTimeField()
    drill = models.BooleanField(default=False)
    makers = models.JSONField(default=list)
    made_by = models.JSONField()
    made_at = models.DateTimeField()
    checked_by = models.JSONField(null=True)
    checked_at = models.DateTimeField(null=True)
    signed_by = models.JSONField(null=True)
    signed_at = models.DateTimeField(null=True)
    issued_by = models.JSONField(null=True)
    issued_at = models.DateTimeField(null=True)
    ended_by = models.JSONField(null=True, help_text="who withdrew it or sent it back")
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", help_text="why it was withdrawn or sent back")
    files = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organ", "word", "year", "number"],
                condition=Q(number__isnull=False),
                name="response_paper_number",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(number__isnull=False, issued_at__isnull=False),
                name="response_paper_issued",
            ),
        )
        indexes = (models.Index(fields=["-made_at", "-id"], name="response_paper_latest"),)


class PaperVersion(Row):
    """One content of a paper, never changed. `body`: {zh, en}, each as `engine.paper.Paper`; `built`: the same as the record
    filled it, so that what was changed by hand can be told."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="versions")
    version = models.SmallIntegerField()
    body = models.JSONField()
    built = models.JSONField()
    digest = models.CharField(max_length=64)
    made_by = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["paper", "version"], name="response_paper_version"),)


class PaperNumber(Row):
    """The last number given for an organ's word in a year; counted up in the transaction that issues, so without a gap."""

    organ = models.CharField(max_length=64)
    word = models.CharField(max_length=40)
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organ", "word", "year"], name="response_papernumber_once"),)


class PaperFile(BulkRow):
    """A file made of an issued paper (PDF or docx, in one language), as it was sent: bytes, and their SHA-256."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="stored")
    name = models.CharField(max_length=16, help_text="zh.pdf, zh.docx, en.pdf or en.docx")
    digest = models.CharField(max_length=64, help_text="of the content it was made from")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["paper", "name"], name="response_paperfile_once"),)
