"""Silent series are found at once: every step of a shard looks whether one of them was heard again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0008_descriptions")]

    operations = [
        migrations.AddIndex(
            "series", models.Index(condition=models.Q(("state", "silent")), fields=["shard"], name="series_silent")
        ),
    ]
