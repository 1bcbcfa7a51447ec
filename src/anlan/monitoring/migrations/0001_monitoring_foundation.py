"""The tables of monitoring: stations, pulses, readings, batches, signals."""

import anlan.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=128)),
                ("offered", models.IntegerField()),
                ("count", models.IntegerField()),
                ("repeated", models.IntegerField()),
                ("differing", models.IntegerField()),
                ("doubtful", models.IntegerField()),
                ("late", models.IntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Station",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("code", models.CharField(db_collation="C", max_length=32, unique=True)),
                ("name_zh", models.CharField(max_length=96)),
                ("name_en", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(choices=[("rain", "Rain gauge"), ("level", "Water level or depth")], max_length=8),
                ),
                ("metric", models.CharField(max_length=16)),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("place_code", models.CharField(db_collation="C", max_length=64, null=True)),
                ("interval_s", models.IntegerField()),
                ("max_silence_s", models.IntegerField()),
                ("attributes", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("normal", "Reporting"), ("silent", "No data")], default="normal", max_length=8
                    ),
                ),
                ("state_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="monitoring.station",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "station", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
                (
                    "quality",
                    models.SmallIntegerField(
                        choices=[
                            (0, "Good"),
                            (1, "Below the possible"),
                            (2, "Above the possible"),
                            (3, "From the future"),
                            (4, "More in an hour than believed"),
                        ],
                        default=0,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("rule", models.CharField(max_length=32)),
                ("rule_version", models.CharField(max_length=32)),
                ("level", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("firing", "Firing"), ("cleared", "Cleared")], default="firing", max_length=8
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("level_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("value", models.FloatField()),
                ("window_h", models.SmallIntegerField()),
                ("explanation", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "station",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pulse",
                        serialize=False,
                        to="monitoring.station",
                    ),
                ),
                ("batch", models.UUIDField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("last_value", models.FloatField(null=True)),
                ("sum_1h", models.FloatField(null=True)),
                ("sum_3h", models.FloatField(null=True)),
                ("sum_24h", models.FloatField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("below_since", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="station",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval_s__gt", 0), ("max_silence_s__gt", 0)), name="station_clock"
            ),
        ),
        migrations.AddConstraint(
            model_name="station",
            constraint=models.CheckConstraint(
                condition=models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))), name="station_point"
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="station",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="monitoring.station"
            ),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="pulse_due"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["state", "opened_at"], name="monitoring__state_2b59f6_idx"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "firing")), fields=("station", "rule"), name="signal_one_firing"
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cleared_at__isnull", True), ("state", "firing")),
                    models.Q(("cleared_at__isnull", False), ("state", "cleared")),
                    _connector="OR",
                ),
                name="signal_cleared_at",
            ),
        ),
    ]
