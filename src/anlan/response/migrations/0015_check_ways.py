"""A check can be answered by text message."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("response", "0014_law_local_rules"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dutycheck",
            name="way",
            field=models.CharField(
                choices=[
                    ("page", "Duty page"),
                    ("phone", "Telephone page"),
                    ("keys", "Telephone keys"),
                    ("text", "Text reply"),
                    ("desk", "Rung up"),
                ],
                default="",
                max_length=8,
            ),
        ),
    ]
