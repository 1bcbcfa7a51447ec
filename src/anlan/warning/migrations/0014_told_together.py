"""Several things one person is told of at once are told in one call."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("warning", "0013_ringings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ringing",
            name="why",
            field=models.CharField(
                choices=[
                    ("no_way", "No way to telephones is set up"),
                    ("no_number", "No telephone number is on record"),
                    ("nobody", "Nobody holds the post now"),
                    ("together", "Told in one call about several"),
                ],
                default="",
                max_length=12,
            ),
        ),
    ]
