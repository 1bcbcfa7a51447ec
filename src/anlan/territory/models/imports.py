"""Taking registers in: one import, what is wrong with its rows, the mappings remembered; and views saved by readers."""

from __future__ import annotations

from django.db import models

from anlan.kernel.models import BulkRow, Row


class Import(Row):
    """One file taken into one register (导入批次). The file itself lies in the home folder's `imports/` under its hash.

    state: uploaded → reading → checked → applying → done; or failed, cancelled; done → undoing → undone.
    `counts`: rows, new, changed, same, bad, duplicates. `progress`: step, done, total, rate, left_s.
    """

    register = models.CharField(max_length=16)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.BigIntegerField()
    format = models.CharField(max_length=12)
    mapping = models.JSONField(default=dict)  # header → field name ("" : left out)
    options = models.JSONField(default=dict)  # sheet, datum, only_new, ...
    state = models.CharField(max_length=16)
    counts = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    content = models.CharField(max_length=64, default="")  # SHA-256 over the rows that went in, in key order
    error = models.JSONField(null=True)
    by = models.JSONField()
    scope = models.JSONField(default=list)  # division prefixes of who started it
    opened_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["opened_at"]),)


class ImportIssue(BulkRow):
    """One thing wrong with one cell of a file (错误): row and column as the file counts and names them."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="issues")
    row = models.IntegerField()  # as the file counts, header = 1
    column = models.CharField(max_length=200)
    field = models.CharField(max_length=32)
    code = models.CharField(max_length=32)  # engine.faults.FAULTS: words and remedy in both languages
    value = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    fatal = models.BooleanField(default=True)  # False: a warning; the row goes in

    class Meta:
        indexes = (models.Index(fields=["batch", "row"]), models.Index(fields=["batch", "code"]))


class ImportMapping(Row):
    """The columns a sender's file had last time and what they were taken as (列映射), by the hash of its header."""

    register = models.CharField(max_length=16)
    header = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["register", "header", "division"], name="mapping_once"),)


class SavedView(Row):
    """Filters, columns and order of a list, saved under a name (保存的视图): for oneself or for all in the division."""

    account = models.BigIntegerField()
    register = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    query = models.JSONField()
    shared = models.BooleanField(default=False)
    removed = models.BooleanField(default=False)
