"""What posts and their holders depend on, asked like a register: its rows written since, and the posts they concern."""

from __future__ import annotations

from django.db import migrations

TABLES = ("post", "person", "place", "appointment", "duty", "division", "boundary")
NAMES = ", ".join(f"'territory_{name}'" for name in TABLES)
REGISTERS = "'territory_place', 'territory_person', 'territory_post', 'territory_organisation', 'territory_licence'"
ACTS = 4096  # of a drill: the transaction's number times this, negative

FORWARD = f"""
CREATE INDEX IF NOT EXISTS territory_holder_changes ON kernel_change (act) WHERE tbl IN ({NAMES});

CREATE OR REPLACE FUNCTION territory_stand(what text, since bigint, most int, OUT n bigint, OUT mark numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE gone bigint;
BEGIN
  IF what = 'territory_unit' THEN
    SELECT count(*), coalesce(sum(act), 0) INTO n, mark
      FROM (SELECT u.act FROM territory_unit u WHERE u.act >= since LIMIT most + 1) x;
    SELECT count(*) INTO gone
      FROM (SELECT 1 FROM territory_gone g WHERE g.tbl = what AND g.act >= since LIMIT most + 1) x;
    n := n + gone;
    mark := mark * 1000003 + gone;
  ELSIF what = 'holders' THEN
    SELECT count(*), coalesce(sum(id), 0) INTO n, mark
      FROM (SELECT c.id FROM kernel_change c WHERE c.tbl IN ({NAMES})
            AND (c.act >= since OR c.act <= -since * {ACTS}) LIMIT most + 1) x;
  ELSIF what IN ({REGISTERS}) THEN
    SELECT count(*), coalesce(sum(id), 0) INTO n, mark
      FROM (SELECT c.id FROM kernel_change c WHERE c.tbl = what AND c.tbl IN ({REGISTERS})
            AND (c.act >= since OR c.act <= -since * {ACTS}) LIMIT most + 1) x;
  END IF;
END $$;

-- The posts whose row, holder, duty, place or division was written. Ids alone, whoever asks.
CREATE OR REPLACE FUNCTION territory_posts_written(since bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
  RETURN QUERY WITH changed AS (
    SELECT DISTINCT c.tbl, c.key FROM kernel_change c WHERE c.tbl IN ({NAMES})
      AND (c.act >= since OR c.act <= -since * {ACTS}))
  SELECT key::uuid FROM changed WHERE tbl = 'territory_post'
  UNION SELECT a.post_id FROM territory_appointment a JOIN changed ON tbl = 'territory_person' AND a.person_id = key::uuid
    WHERE a.valid_to IS NULL
  UNION SELECT a.post_id FROM territory_appointment a JOIN changed ON tbl = 'territory_appointment' AND a.id = key::uuid
  UNION SELECT d.post_id FROM territory_duty d JOIN changed ON tbl = 'territory_duty' AND d.id = key::uuid
  UNION SELECT p.id FROM territory_post p JOIN changed ON tbl = 'territory_place' AND p.place_id = key::uuid
  UNION SELECT d.post_id FROM territory_duty d JOIN changed ON tbl = 'territory_place' AND d.place_id = key::uuid
  UNION SELECT p.id FROM territory_post p JOIN changed ON tbl IN ('territory_division', 'territory_boundary')
    AND p.division ^@ key
  UNION SELECT d.post_id FROM territory_duty d JOIN changed ON tbl IN ('territory_division', 'territory_boundary')
    AND d.division ^@ key;
END $$;
"""

BACK = """
DROP FUNCTION IF EXISTS territory_posts_written(bigint);
DROP INDEX IF EXISTS territory_holder_changes;
"""


class Migration(migrations.Migration):
    """An index and two functions; all may be run again."""

    dependencies = [("territory", "0006_place_kind")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
