"""Sealing costs less: no foreign key from seals to entries, which are append-only and proved by the chain; row versions of
some kilobytes are not compressed."""

import django.db.models.deletion
from django.db import migrations, models


# A row version of a call is just over 2 kB, which the server would compress for every one of ten thousands written at
# once, at the cost of writing it a second time; it reads them again within the second, to seal them. Up to 8 kB a row
# version is kept as it is.
WHOLE = "ALTER TABLE kernel_change SET (toast_tuple_target = 8160)"
PACKED = "ALTER TABLE kernel_change RESET (toast_tuple_target)"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_redaction")]

    operations = [
        migrations.AlterField(
            model_name="seal",
            name="entry",
            field=models.OneToOneField(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="kernel.entry"
            ),
        ),
        migrations.RunSQL(WHOLE, PACKED),
    ]
