"""When the desk that owes a report is rung about it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("response", "0015_check_ways"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportduty",
            name="ring_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="reportduty",
            index=models.Index(
                condition=models.Q(("ring_at__isnull", False)), fields=["ring_at"], name="response_duty_ring"
            ),
        ),
    ]
