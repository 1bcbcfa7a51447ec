"""The signal board takes its pages along an index of the signals that stand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_rule_trial")]

    operations = [
        migrations.AddIndex(
            "signal",
            models.Index(
                condition=models.Q(("state__in", ["pending", "firing"])),
                fields=["-level_at", "-id"],
                name="signal_standing",
            ),
        ),
    ]
