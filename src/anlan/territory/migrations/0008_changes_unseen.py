"""What a snapshot of the registers can't have seen, told exactly by the database's own snapshot of transactions.

Asking by the oldest transaction alone would count all that was written while some long transaction was open.
"""

from __future__ import annotations

from django.db import migrations

REGISTERS = "'territory_place', 'territory_person', 'territory_post', 'territory_organisation', 'territory_licence'"
HOLDERS = (
    "'territory_post', 'territory_person', 'territory_place', 'territory_appointment', 'territory_duty',"
    " 'territory_division', 'territory_boundary'"
)
ACTS = 4096  # a drill's acts are negative: the transaction's number times this, and the part of the tick

FORWARD = f"""
DROP FUNCTION IF EXISTS territory_stand(text, bigint, int);
DROP FUNCTION IF EXISTS territory_written(text, bigint);
DROP FUNCTION IF EXISTS territory_posts_written(bigint);

CREATE OR REPLACE FUNCTION territory_unseen(act bigint, snap pg_snapshot) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT NOT pg_visible_in_snapshot((CASE WHEN act < 0 THEN -act / {ACTS} ELSE act END)::text::xid8, snap)
$$;

-- Grows with whatever is written: equal means nothing was. `n` stops at `most` + 1.
CREATE OR REPLACE FUNCTION territory_stand(what text, seen text, most int, OUT n bigint, OUT mark numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
  snap pg_snapshot := seen::pg_snapshot;
  since bigint := pg_snapshot_xmin(snap)::text::bigint;
  gone bigint;
BEGIN
  IF what = 'territory_unit' THEN
    SELECT count(*), coalesce(sum(act), 0) INTO n, mark FROM (SELECT u.act FROM territory_unit u
      WHERE u.act >= since AND territory_unseen(u.act, snap) LIMIT most + 1) x;
    SELECT count(*) INTO gone FROM (SELECT 1 FROM territory_gone g
      WHERE g.tbl = what AND g.act >= since AND territory_unseen(g.act, snap) LIMIT most + 1) x;
    n := n + gone;
    mark := mark * 1000003 + gone;
  ELSIF what = 'holders' THEN
    SELECT count(*), coalesce(sum(id), 0) INTO n, mark FROM (SELECT c.id FROM kernel_change c WHERE c.tbl IN ({HOLDERS})
      AND (c.act >= since OR c.act <= -since * {ACTS}) AND territory_unseen(c.act, snap) LIMIT most + 1) x;
  ELSIF what IN ({REGISTERS}) THEN
    SELECT count(*), coalesce(sum(id), 0) INTO n, mark FROM (SELECT c.id FROM kernel_change c
      WHERE c.tbl = what AND c.tbl IN ({REGISTERS})
      AND (c.act >= since OR c.act <= -since * {ACTS}) AND territory_unseen(c.act, snap) LIMIT most + 1) x;
  END IF;
END $$;

-- Ids alone, whoever asks: a row that moved out of a reader's area must leave what was indexed for it.
CREATE OR REPLACE FUNCTION territory_written(what text, seen text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
  snap pg_snapshot := seen::pg_snapshot;
  since bigint := pg_snapshot_xmin(snap)::text::bigint;
BEGIN
  IF what = 'territory_unit' THEN
    RETURN QUERY SELECT u.id FROM territory_unit u WHERE u.act >= since AND territory_unseen(u.act, snap);
    RETURN QUERY SELECT g.row FROM territory_gone g
      WHERE g.tbl = what AND g.act >= since AND territory_unseen(g.act, snap);
  ELSIF what IN ({REGISTERS}) THEN
    RETURN QUERY SELECT DISTINCT c.key::uuid FROM kernel_change c WHERE c.tbl = what AND c.tbl IN ({REGISTERS})
      AND (c.act >= since OR c.act <= -since * {ACTS}) AND territory_unseen(c.act, snap);
  END IF;
END $$;

-- The posts whose row, holder, duty, place or division was written.
CREATE OR REPLACE FUNCTION territory_posts_written(seen text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
  snap pg_snapshot := seen::pg_snapshot;
  since bigint := pg_snapshot_xmin(snap)::text::bigint;
BEGIN
  RETURN QUERY WITH changed AS MATERIALIZED (
    SELECT DISTINCT c.tbl, c.key FROM kernel_change c WHERE c.tbl IN ({HOLDERS})
      AND (c.act >= since OR c.act <= -since * {ACTS}) AND territory_unseen(c.act, snap)),
  of_table AS (SELECT tbl, CASE WHEN tbl IN ('territory_division', 'territory_boundary') THEN NULL ELSE key::uuid END id,
      CASE WHEN tbl IN ('territory_division', 'territory_boundary') THEN key END code FROM changed)
  SELECT id FROM of_table WHERE tbl = 'territory_post'
  UNION SELECT a.post_id FROM territory_appointment a JOIN of_table c ON c.tbl = 'territory_person'
    AND a.person_id = c.id WHERE a.valid_to IS NULL
  UNION SELECT a.post_id FROM territory_appointment a JOIN of_table c ON c.tbl = 'territory_appointment' AND a.id = c.id
  UNION SELECT d.post_id FROM territory_duty d JOIN of_table c ON c.tbl = 'territory_duty' AND d.id = c.id
  UNION SELECT p.id FROM territory_post p JOIN of_table c ON c.tbl = 'territory_place' AND p.place_id = c.id
  UNION SELECT d.post_id FROM territory_duty d JOIN of_table c ON c.tbl = 'territory_place' AND d.place_id = c.id
  UNION SELECT p.id FROM territory_post p JOIN of_table c ON c.code IS NOT NULL AND p.division ^@ c.code
  UNION SELECT d.post_id FROM territory_duty d JOIN of_table c ON c.code IS NOT NULL AND d.division ^@ c.code;
END $$;
"""

BACK = """
DROP FUNCTION IF EXISTS territory_posts_written(text);
DROP FUNCTION IF EXISTS territory_written(text, text);
DROP FUNCTION IF EXISTS territory_stand(text, text, int);
DROP FUNCTION IF EXISTS territory_unseen(bigint, pg_snapshot);
"""


class Migration(migrations.Migration):
    """Functions alone; may be run again."""

    dependencies = [("territory", "0007_holder_changes")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
