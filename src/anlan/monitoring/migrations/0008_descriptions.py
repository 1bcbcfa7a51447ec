"""Words a program gave with what it registered."""

import anlan.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0007_day_account"),
    ]

    operations = [
        migrations.CreateModel(
            name="Description",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("station", "station"),
                            ("series", "series"),
                            ("sensor", "sensor"),
                            ("element", "element"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=64)),
                ("body", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "code", "division"), name="description_of")],
            },
        ),
    ]
