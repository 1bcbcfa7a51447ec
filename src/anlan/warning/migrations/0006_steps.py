"""Calls may stand on two more steps, deputy and visit; answers that ask for help are kept for the desk."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import anlan.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("warning", "0005_drafts")]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="holder",
            field=models.CharField(
                choices=[
                    ("A", "A-holder"),
                    ("B", "B-holder"),
                    ("deputy", "Deputy"),
                    ("superior", "Superior post"),
                    ("duty", "Duty desk"),
                    ("visit", "Goes there"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("person", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Waiting to be taken"), ("taken", "Taken by the desk"), ("closed", "Closed")],
                        default="open",
                        max_length=6,
                    ),
                ),
                ("taken_by", models.JSONField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("note", models.TextField(default="")),
                (
                    "call",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="help", to="warning.call"
                    ),
                ),
                (
                    "warning",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warning.warning",
                    ),
                ),
            ],
            options={
                "db_table": "warning_help",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=["asked_at", "id"],
                        name="warning_help_waiting",
                    )
                ],
            },
        ),
    ]
