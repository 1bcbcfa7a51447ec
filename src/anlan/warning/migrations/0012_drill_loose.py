"""Loose rows of the tally are told by their numbers, without counting; simulated answers stand without a foreign key."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warning", "0011_ways_replies")]

    operations = [
        migrations.RemoveIndex(model_name="calltally", name="warning_tally_loose"),
        migrations.AddIndex(
            model_name="calltally",
            index=models.Index(condition=models.Q(("folded", False)), fields=["id"], name="warning_tally_loose"),
        ),
        migrations.AlterField(
            model_name="loopback",
            name="call",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="warning.call",
            ),
        ),
    ]
