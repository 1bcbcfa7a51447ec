"""How far a shard is judged tells its history and catalogue; messages of the log are stored as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_signal_place")]

    operations = [
        migrations.AddField("progress", "chain", models.CharField(default="", max_length=64)),
        migrations.AddField("progress", "catalogue", models.CharField(default="", max_length=36)),
        # packed readings don't compress well enough to be worth the time
        migrations.RunSQL(
            "ALTER TABLE monitoring_logentry ALTER body SET STORAGE EXTERNAL", reverse_sql=migrations.RunSQL.noop
        ),
    ]
