"""The tally of calls, kept by the database in the statement that changes a call."""

from django.db import migrations, models

# By statement, not by row: one batch of answers adds a handful of rows. It only adds, so it never waits for anybody.
KEPT = """
CREATE FUNCTION warning_call_tally() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO warning_call_tally (division, warning, level, role, first_placed_at, state, answer, via, n, folded)
    SELECT left(division, 9), warning_id, level, role, first_placed_at, state, coalesce(answer, ''),
      coalesce(answers -> 0 ->> 'channel', ''), count(*), false
    FROM tally_new GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
  ELSE
    INSERT INTO warning_call_tally (division, warning, level, role, first_placed_at, state, answer, via, n, folded)
    SELECT left(division, 9), warning_id, level, role, first_placed_at, state, coalesce(answer, ''),
      coalesce(answers -> 0 ->> 'channel', ''), sum(n), false
    FROM (SELECT division, warning_id, level, role, first_placed_at, state, answer, answers, 1 AS n FROM tally_new
          UNION ALL
          SELECT division, warning_id, level, role, first_placed_at, state, answer, answers, -1 FROM tally_old) c
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER warning_call_tally_new AFTER INSERT ON warning_call
  REFERENCING NEW TABLE AS tally_new FOR EACH STATEMENT EXECUTE FUNCTION warning_call_tally();
CREATE TRIGGER warning_call_tally_moved AFTER UPDATE ON warning_call
  REFERENCING OLD TABLE AS tally_old NEW TABLE AS tally_new FOR EACH STATEMENT EXECUTE FUNCTION warning_call_tally();
INSERT INTO warning_call_tally (division, warning, level, role, first_placed_at, state, answer, via, n, folded)
SELECT left(division, 9), warning_id, level, role, first_placed_at, state, coalesce(answer, ''),
  coalesce(answers -> 0 ->> 'channel', ''), count(*), true
FROM warning_call GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
"""
DROPPED = "DROP FUNCTION warning_call_tally() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("warning", "0007_areas_and_pins")]

    operations = [
        migrations.CreateModel(
            name="CallTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("division", models.CharField(max_length=12)),
                ("warning", models.UUIDField()),
                ("level", models.CharField(max_length=10)),
                ("role", models.CharField(max_length=32)),
                ("first_placed_at", models.DateTimeField()),
                ("state", models.CharField(max_length=10)),
                ("answer", models.CharField(default="", max_length=12)),
                ("via", models.CharField(default="", max_length=16)),
                ("n", models.IntegerField()),
                ("folded", models.BooleanField(default=False)),
            ],
            options={"db_table": "warning_call_tally"},
        ),
        migrations.AddIndex(
            model_name="calltally",
            index=models.Index(fields=["warning", "division"], name="warning_tally_of"),
        ),
        migrations.AddIndex(
            model_name="calltally",
            index=models.Index(condition=models.Q(("folded", False)), fields=["warning"], name="warning_tally_loose"),
        ),
        migrations.RunSQL(KEPT, DROPPED),
    ]
