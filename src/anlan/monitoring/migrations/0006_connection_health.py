"""How each connection is doing, as the gateway writes it."""

from django.db import migrations, models

import anlan.monitoring.choices

STATES = [("starting", "Starting"), ("up", "Working"), ("down", "Not working"), ("off", "Switched off")]


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0005_progress_marks")]

    operations = [
        migrations.CreateModel(
            name="ConnectionHealth",
            fields=[
                ("division", models.CharField(max_length=12)),
                ("code", models.CharField(db_collation="C", max_length=32, primary_key=True, serialize=False)),
                ("protocol", models.CharField(choices=anlan.monitoring.choices.Protocol.choices, max_length=12)),
                ("state", models.CharField(choices=STATES, max_length=8)),
                ("state_at", models.DateTimeField()),
                ("error", models.JSONField(default=dict)),
                ("error_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("peers", models.IntegerField(default=0)),
                ("frames", models.BigIntegerField(default=0)),
                ("readings", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("unknown", models.JSONField(default=dict)),
                ("written_at", models.DateTimeField()),
            ],
            options={"abstract": False},
        ),
    ]
