"""Warnings being written, and the words of audiences a warning carries."""

import anlan.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("territory", "0008_changes_unseen"),
        ("warning", "0004_feed_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="warning",
            name="words",
            field=models.JSONField(
                default=dict, help_text="actions: audience → {zh, en}; sms: {zh, en}; empty: the pack's"
            ),
        ),
        migrations.CreateModel(
            name="WarningDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("made", "Made, to be checked"),
                            ("checked", "Checked, to be signed"),
                            ("signed", "Signed, to be issued"),
                            ("issued", "Issued"),
                            ("returned", "Sent back"),
                            ("dropped", "Dropped"),
                        ],
                        default="made",
                        max_length=10,
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[("alert", "New warning"), ("update", "Update"), ("cancel", "Cancel")],
                        default="alert",
                        max_length=8,
                    ),
                ),
                ("hazard", models.CharField(max_length=8)),
                (
                    "colour",
                    models.CharField(
                        choices=[("blue", "Blue"), ("yellow", "Yellow"), ("orange", "Orange"), ("red", "Red")],
                        max_length=8,
                    ),
                ),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("signal", "Signal"),
                            ("proposal", "Proposal"),
                            ("received", "Received alert"),
                            ("warning", "Warning in force"),
                            ("none", "Own judgement"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("signal", models.UUIDField(null=True)),
                (
                    "received",
                    models.CharField(
                        default="", help_text="sender,identifier,sent of the received alert", max_length=400
                    ),
                ),
                ("drill", models.BooleanField(default=False)),
                ("makers", models.JSONField(default=list)),
                ("made_by", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("checked_by", models.JSONField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_digest", models.CharField(default="", max_length=64)),
                ("signed_by", models.JSONField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_digest", models.CharField(default="", max_length=64)),
                ("second_by", models.JSONField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("second_digest", models.CharField(default="", max_length=64)),
                ("ended_by", models.JSONField(help_text="who sent it back, dropped it or issued it", null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(default="", help_text="why it was sent back or dropped")),
                ("urgent", models.BooleanField(default=False)),
                ("urgent_reason", models.TextField(default="")),
                ("after_due_at", models.DateTimeField(null=True)),
                ("after_late", models.BooleanField(default=False)),
                ("after_by", models.JSONField(null=True)),
                ("after_at", models.DateTimeField(null=True)),
                (
                    "after_verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "Rightly issued"),
                            ("update", "To be updated"),
                            ("cancel", "To be cancelled"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("after_note", models.TextField(default="")),
                (
                    "after_post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.post"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warning.warningproposal",
                    ),
                ),
                (
                    "references",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="warning.warning"
                    ),
                ),
                (
                    "warning",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="warning.warning",
                    ),
                ),
            ],
            options={
                "db_table": "warning_draft",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["issued", "dropped"]), _negated=True),
                        fields=["made_at"],
                        name="warning_draft_open",
                    ),
                    models.Index(
                        condition=models.Q(("after_at__isnull", True), ("urgent", True)),
                        fields=["after_due_at"],
                        name="warning_draft_owed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "issued"), _negated=True), ("warning__isnull", False), _connector="OR"
                        ),
                        name="warning_draft_issued_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("urgent", True), _negated=True),
                            models.Q(("urgent_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="warning_draft_urgent_why",
                    ),
                ],
            },
        ),
    ]
