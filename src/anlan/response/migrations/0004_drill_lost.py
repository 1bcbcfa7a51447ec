"""Only places that are lost stand in the index of incidents: signs of life by the thousand don't write it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("response", "0003_reminders")]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="incident",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="response.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("incident__isnull", False)), fields=["incident"], name="response_contact_lost"
            ),
        ),
    ]
