"""Rules tried on what has been stored."""

import anlan.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0009_silent_series"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleTrial",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=32)),
                ("body", models.JSONField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=120)),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("error", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["code", "made_at"], name="monitoring__code_ab0e15_idx")],
            },
        ),
    ]
