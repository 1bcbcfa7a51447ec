"""The outbox waits in blocks: no index on what changes, so that each change of a message stays within its page."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Waiting messages, and those a sender took, are laid into blocks; references of messages handed over are kept apart.
INTO_BLOCKS = """
INSERT INTO warning_outbox_block (division, setting, priority, due_at, worker, messages)
SELECT '', setting, priority, due_at, worker, array_agg(id ORDER BY id) FROM warning_outbox
WHERE state IN ('queued', 'taken') GROUP BY setting, priority, due_at, worker;
INSERT INTO warning_outbox_reference (division, message, setting, reference)
SELECT '', id, setting, reference FROM warning_outbox WHERE state = 'handed' AND reference <> '';
"""
ROOM = "ALTER TABLE warning_outbox SET (fillfactor = 50)"


class Migration(migrations.Migration):
    dependencies = [("warning", "0008_tally")]

    operations = [
        migrations.RemoveIndex(model_name="outboxmessage", name="warning_outbox_queue"),
        migrations.RemoveIndex(model_name="outboxmessage", name="warning_outbox_reference"),
        migrations.CreateModel(
            name="OutboxBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("division", models.CharField(max_length=12)),
                ("setting", models.UUIDField()),
                ("priority", models.SmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("messages", django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), size=None)),
                ("worker", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "warning_outbox_block",
                "indexes": [
                    models.Index(fields=["setting", "priority", "due_at", "id"], name="warning_outbox_block_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxReference",
            fields=[
                ("division", models.CharField(max_length=12)),
                ("message", models.BigIntegerField(primary_key=True, serialize=False)),
                ("setting", models.UUIDField()),
                ("reference", models.CharField(max_length=96)),
            ],
            options={
                "db_table": "warning_outbox_reference",
                "indexes": [models.Index(fields=["setting", "reference"], name="warning_outbox_told")],
            },
        ),
        migrations.CreateModel(
            name="CallsWaiting",
            fields=[
                ("division", models.CharField(max_length=12)),
                ("warning", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("channels", models.JSONField(default=list)),
                ("total", models.IntegerField()),
                ("remaining", models.IntegerField()),
            ],
            options={
                "db_table": "warning_calls_waiting",
                "indexes": [
                    models.Index(
                        condition=models.Q(("remaining__gt", 0)), fields=["at"], name="warning_calls_waiting_at"
                    )
                ],
            },
        ),
        migrations.RunSQL(INTO_BLOCKS, migrations.RunSQL.noop),
        migrations.RunSQL(ROOM, "ALTER TABLE warning_outbox RESET (fillfactor)"),
    ]
