"""The steps of a ladder a call may stand on: deputy and visit join."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Alters choices only; the table stays as it is."""

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
    ]
