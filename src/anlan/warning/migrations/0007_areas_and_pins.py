"""Pinned certificates, what a signature said, the policy of a feed, and what a warning's area was drawn as."""

import anlan.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("warning", "0006_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedsource",
            name="policy",
            field=models.CharField(
                choices=[
                    ("tell", "Tell, hold nothing"),
                    ("hold_bad", "Hold bad signatures"),
                    ("hold_unproved", "Hold what is not verified"),
                ],
                default="tell",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="receivedalert",
            name="doubt",
            field=models.CharField(default="", max_length=16),
        ),
        migrations.AddField(
            model_name="receivedalert",
            name="signature",
            field=models.CharField(
                choices=[
                    ("unchecked", "Not checked"),
                    ("unsigned", "Not signed"),
                    ("verified", "Verified"),
                    ("unverifiable", "Can't be verified"),
                    ("bad", "Bad signature"),
                ],
                default="unchecked",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="receivedalert",
            name="signature_said",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="warning",
            name="incidents",
            field=models.TextField(default="", help_text="CAP incidents: what the message goes back to"),
        ),
        migrations.AddField(
            model_name="warning",
            name="note",
            field=models.TextField(default="", help_text="CAP note, such as whose message it passes on"),
        ),
        migrations.AddField(
            model_name="warning",
            name="outline",
            field=models.JSONField(help_text="GeoJSON the area was drawn as; null: whole divisions", null=True),
        ),
        migrations.CreateModel(
            name="SenderPin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("division", models.CharField(db_index=True, max_length=12)),
                ("sender", models.TextField(default="", help_text="the CAP sender, exactly as it stands in messages")),
                ("relay", models.BooleanField(default=False)),
                (
                    "sha256",
                    models.CharField(help_text="SHA-256 of the certificate's DER, lower-case hex", max_length=64),
                ),
                ("certificate", models.BinaryField(default=b"")),
                ("subject", models.TextField(default="")),
                ("valid_to", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
                ("pinned_by", models.CharField(max_length=200)),
                ("pinned_at", models.DateTimeField()),
                ("ended_by", models.CharField(default="", max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.TextField(default="")),
            ],
            options={
                "db_table": "warning_sender_pin",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("division", "sender", "sha256"),
                        name="warning_sender_pin_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("relay", True), models.Q(("sender", ""), _negated=True), _connector="XOR"),
                        name="warning_sender_pin_whose",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="feedpoll",
            name="state",
            field=models.CharField(
                choices=[("new", "Not polled yet"), ("ok", "Well"), ("failing", "Failing"), ("paused", "Paused")],
                default="new",
                max_length=8,
            ),
        ),
    ]
