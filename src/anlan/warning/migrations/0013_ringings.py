"""Messages of ringings stand in the outbox too: who was rung about something that is no warning."""

import anlan.kernel.ids
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("warning", "0012_drill_loose"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="ringing",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Ringing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("about", models.CharField(db_collation="C", max_length=64)),
                ("step", models.SmallIntegerField(default=0)),
                ("person", models.UUIDField(null=True)),
                ("title", models.JSONField()),
                ("words", models.JSONField()),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), size=None),
                ),
                ("rung_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ringing", "Rung"),
                            ("answered", "Answered"),
                            ("silent", "No answer"),
                            ("called_off", "Called off"),
                            ("unrung", "Not rung"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("no_way", "No way to telephones is set up"),
                            ("no_number", "No telephone number is on record"),
                            ("nobody", "Nobody holds the post now"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("sent", models.JSONField(default=dict)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("acting", "Acting"),
                            ("need_help", "Needs help"),
                            ("cannot", "Cannot"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("voice", "Voice call"),
                            ("sms", "Text message"),
                            ("app", "App notice"),
                            ("mass_sms", "Mass text message"),
                            ("loudspeaker", "Loudspeakers"),
                            ("tv_crawl", "Television crawl"),
                            ("email", "E-mail"),
                            ("robot", "Group robot"),
                            ("webhook", "Other systems"),
                            ("call_list", "Printed call list"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
            ],
            options={
                "db_table": "warning_ringing",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ringing")), fields=["ends_at"], name="warning_ringing_ends"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("about", "step"), name="warning_ringing_once")],
            },
        ),
    ]
