"""One standing signal of a rule at a place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_partitions")]

    operations = [
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["pending", "firing"])),
                fields=("rule", "place"),
                name="signal_one_standing",
            ),
        ),
    ]
