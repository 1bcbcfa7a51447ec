"""Series, the log between gateway and worker, rules made here, and signals of series and areas."""

import anlan.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0001_monitoring_foundation"),
    ]

    operations = [
        migrations.DeleteModel("Pulse"),  # made again from the readings
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel("Reading")],
            database_operations=[
                migrations.RunSQL("ALTER TABLE monitoring_reading RENAME TO monitoring_reading_before")
            ],
        ),
        migrations.CreateModel(
            name="Frame",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "received_at", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("number", models.BigIntegerField()),
                ("division", models.CharField(max_length=12)),
                (
                    "protocol",
                    models.CharField(
                        choices=[
                            ("http", "HTTP"),
                            ("sl651", "SL 651-2014"),
                            ("hj212", "HJ 212"),
                            ("mqtt", "MQTT"),
                            ("modbus", "Modbus TCP"),
                            ("opcua", "OPC UA"),
                            ("file", "File drop"),
                            ("sta", "SensorThings"),
                        ],
                        max_length=12,
                    ),
                ),
                ("peer", models.CharField(max_length=64)),
                ("station", models.CharField(max_length=32)),
                ("body", models.BinaryField()),
                ("packed", models.BooleanField(default=False)),
                ("readings", models.IntegerField()),
                ("error", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "monitoring_frame",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series", "at", blank=True, editable=False, primary_key=True, serialize=False
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
                            (5, "Changed faster than believed"),
                            (6, "Has not changed for too long"),
                            (7, "Alone among its neighbours"),
                            (8, "More in the interval than believed"),
                            (9, "The device reports a fault"),
                            (10, "The station is isolated"),
                        ],
                        default=0,
                    ),
                ),
            ],
            options={
                "db_table": "monitoring_reading",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RollupDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("series", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("total", models.FloatField()),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("last", models.FloatField(null=True)),
                ("doubtful", models.IntegerField()),
            ],
            options={
                "db_table": "monitoring_rollup_day",
                "abstract": False,
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RollupHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("series", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("total", models.FloatField()),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("last", models.FloatField(null=True)),
                ("doubtful", models.IntegerField()),
            ],
            options={
                "db_table": "monitoring_rollup_hour",
                "abstract": False,
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RollupTen",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("series", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("total", models.FloatField()),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("last", models.FloatField(null=True)),
                ("doubtful", models.IntegerField()),
            ],
            options={
                "db_table": "monitoring_rollup_ten",
                "abstract": False,
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Area",
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
                ("kind", models.CharField(default="basin", max_length=16)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AreaMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("weight", models.FloatField(default=1.0)),
            ],
        ),
        migrations.CreateModel(
            name="Connection",
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
                    "protocol",
                    models.CharField(
                        choices=[
                            ("http", "HTTP"),
                            ("sl651", "SL 651-2014"),
                            ("hj212", "HJ 212"),
                            ("mqtt", "MQTT"),
                            ("modbus", "Modbus TCP"),
                            ("opcua", "OPC UA"),
                            ("file", "File drop"),
                            ("sta", "SensorThings"),
                        ],
                        max_length=12,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("settings", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Day",
            fields=[
                ("division", models.CharField(max_length=12)),
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("rows", models.BigIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                ("rolled_at", models.DateTimeField(null=True)),
                ("archive", models.CharField(default="", max_length=200)),
                ("archived_rows", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(default="", max_length=64)),
                ("archived_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shard", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("shard", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="LogHead",
            fields=[
                ("shard", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("head", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("match", models.JSONField(default=dict)),
                ("all_levels", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=400)),
                ("made_by", models.CharField(max_length=120)),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("shard", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("log", models.CharField(default="postgres", max_length=12)),
                ("done", models.BigIntegerField(default=0)),
                ("judged_at", models.DateTimeField(null=True)),
                ("told", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("number", models.IntegerField(unique=True)),
                ("element", models.CharField(db_collation="C", max_length=24)),
                ("unit", models.CharField(max_length=16)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("increment", "Amount over the interval"),
                            ("gauge", "State at the moment"),
                            ("counter", "Running total"),
                        ],
                        max_length=9,
                    ),
                ),
                ("main", models.BooleanField(default=False)),
                ("interval_s", models.IntegerField()),
                ("max_silence_s", models.IntegerField()),
                ("limits", models.JSONField(default=dict)),
                ("checks", models.JSONField(default=dict)),
                ("shard", models.SmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("normal", "Reporting"),
                            ("silent", "No data"),
                            ("suspect", "Doubtful"),
                            ("isolated", "Isolated"),
                        ],
                        default="normal",
                        max_length=8,
                    ),
                ),
                ("state_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("code", models.CharField(db_collation="C", max_length=32)),
                ("number", models.IntegerField()),
                ("body", models.JSONField()),
                ("source_zh", models.CharField(max_length=300)),
                ("source_en", models.CharField(max_length=300)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=120)),
                ("note", models.CharField(default="", max_length=400)),
                ("replaced_at", models.DateTimeField(null=True)),
                ("withdrawn", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="SignalStep",
            fields=[
                ("division", models.CharField(max_length=12)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("level", models.CharField(max_length=16)),
                ("previous", models.CharField(max_length=16)),
                ("value", models.FloatField()),
                ("threshold", models.FloatField()),
                ("window_h", models.FloatField()),
                ("quality", models.SmallIntegerField(default=0)),
                ("explanation", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rule", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(db_collation="C", max_length=32)),
                ("place", models.CharField(db_collation="C", max_length=40)),
                ("shard", models.SmallIntegerField()),
                ("rule_version", models.CharField(max_length=32)),
                ("trail", models.JSONField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="signal",
            name="signal_one_firing",
        ),
        migrations.RemoveConstraint(
            model_name="signal",
            name="signal_cleared_at",
        ),
        migrations.AddField(
            model_name="signal",
            name="hazard",
            field=models.CharField(default="", max_length=24),
        ),
        migrations.AddField(
            model_name="signal",
            name="muted",
            field=models.CharField(default="", max_length=120),
        ),
        migrations.AddField(
            model_name="signal",
            name="no_data_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="place",
            field=models.CharField(db_collation="C", default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signal",
            name="recovering_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="suspect",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="station",
            name="state_note",
            field=models.CharField(default="", max_length=400),
        ),
        migrations.AlterField(
            model_name="signal",
            name="state",
            field=models.CharField(
                choices=[("pending", "Pending"), ("firing", "Firing"), ("cleared", "Cleared"), ("lapsed", "Lapsed")],
                default="firing",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="signal",
            name="station",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="monitoring.station"
            ),
        ),
        migrations.AlterField(
            model_name="signal",
            name="window_h",
            field=models.FloatField(),
        ),
        migrations.AlterField(
            model_name="station",
            name="kind",
            field=models.CharField(
                choices=[
                    ("rain", "Rain gauge"),
                    ("level", "Water level or depth"),
                    ("flow", "Flow"),
                    ("soil", "Soil moisture"),
                    ("slide", "Ground movement"),
                    ("gas", "Gas"),
                    ("pressure", "Pressure"),
                    ("temp", "Temperature"),
                    ("wind", "Wind"),
                    ("outfall", "Discharge of wastewater or exhaust"),
                    ("other", "Other"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="station",
            name="state",
            field=models.CharField(
                choices=[
                    ("normal", "Reporting"),
                    ("silent", "No data"),
                    ("suspect", "Doubtful"),
                    ("isolated", "Isolated"),
                ],
                default="normal",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="area",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="monitoring.area"
            ),
        ),
        migrations.AddField(
            model_name="areamember",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="members", to="monitoring.area"
            ),
        ),
        migrations.AddIndex(
            model_name="mute",
            index=models.Index(fields=["until_at"], name="monitoring__until_a_3f9cb9_idx"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(
                condition=models.Q(("until_at__gt", models.F("from_at"))), name="mute_span"
            ),
        ),
        migrations.AddConstraint(
            model_name="progress",
            constraint=models.CheckConstraint(condition=models.Q(("done__gte", 0)), name="progress_done"),
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("division", models.CharField(max_length=12)),
                (
                    "series",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pulse",
                        serialize=False,
                        to="monitoring.series",
                    ),
                ),
                ("main", models.BooleanField(default=False)),
                ("last_at", models.DateTimeField(null=True)),
                ("last_value", models.FloatField(null=True)),
                ("last_quality", models.SmallIntegerField(default=0)),
                ("sum_1h", models.FloatField(null=True)),
                ("sum_3h", models.FloatField(null=True)),
                ("sum_24h", models.FloatField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="series",
            name="station",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="series", to="monitoring.station"
            ),
        ),
        migrations.AddField(
            model_name="areamember",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="areas", to="monitoring.series"
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="series",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="signals", to="monitoring.series"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["place", "rule", "opened_at"], name="monitoring__place_f29476_idx"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cleared_at__isnull", True), ("state__in", ["pending", "firing"])),
                    models.Q(("cleared_at__isnull", False), ("state__in", ["cleared", "lapsed"])),
                    _connector="OR",
                ),
                name="signal_cleared_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(fields=("division", "code", "number"), name="rule_version"),
        ),
        migrations.AddField(
            model_name="signalstep",
            name="signal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="monitoring.signal"
            ),
        ),
        migrations.AddField(
            model_name="pulse",
            name="station",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="pulses", to="monitoring.station"
            ),
        ),
        migrations.AddIndex(
            model_name="series",
            index=models.Index(fields=["shard", "number"], name="monitoring__shard_967196_idx"),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(fields=("station", "element"), name="series_element"),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                condition=models.Q(("main", True)), fields=("station",), name="series_one_main"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval_s__gt", 0), ("max_silence_s__gt", 0)), name="series_clock"
            ),
        ),
        migrations.AddConstraint(
            model_name="areamember",
            constraint=models.UniqueConstraint(fields=("area", "series"), name="area_member"),
        ),
        migrations.AddConstraint(
            model_name="areamember",
            constraint=models.CheckConstraint(condition=models.Q(("weight__gt", 0)), name="area_weight"),
        ),
        migrations.AddIndex(
            model_name="signalstep",
            index=models.Index(fields=["signal", "at"], name="monitoring__signal__18a751_idx"),
        ),
        migrations.AddIndex(
            model_name="pulse",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="pulse_due"),
        ),
    ]
