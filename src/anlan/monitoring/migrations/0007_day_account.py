"""From when on a day's rollups are behind; and slices of time over all series are found without reading the whole day."""

from django.db import migrations, models

TABLES = ("reading", "rollup_ten", "rollup_hour", "rollup_day")
SLICES = "".join(
    f"CREATE INDEX monitoring_{t}_at ON monitoring_{t} USING brin (at) WITH (pages_per_range = 16);" for t in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_connection_health")]

    operations = [
        migrations.AddField("day", "dirty_from", models.DateTimeField(null=True)),
        migrations.AddField("day", "rolling_from", models.DateTimeField(null=True)),
        migrations.RunSQL(SLICES, reverse_sql=migrations.RunSQL.noop),
    ]
