"""What was written to a register since a transaction: the finding index is kept exact by it."""

from __future__ import annotations

from django.db import migrations

TABLES = ("place", "person", "post", "organisation", "licence")
NAMES = ", ".join(f"'territory_{name}'" for name in TABLES)
# A drill's acts are negative: the transaction's number times 4096, then the part of the tick.
ACTS = 4096

FORWARD = f"""
CREATE INDEX IF NOT EXISTS territory_changes ON kernel_change (tbl, act) WHERE tbl IN ({NAMES});

CREATE TABLE IF NOT EXISTS territory_gone (act bigint NOT NULL, tbl text NOT NULL, row uuid NOT NULL);
CREATE INDEX IF NOT EXISTS territory_gone_act ON territory_gone (tbl, act);

CREATE OR REPLACE FUNCTION territory_gone_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
BEGIN
  INSERT INTO territory_gone SELECT pg_current_xact_id()::text::bigint, TG_TABLE_NAME, id FROM anlan_rows;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER territory_gone AFTER DELETE ON territory_unit REFERENCING OLD TABLE AS anlan_rows
  FOR EACH STATEMENT EXECUTE FUNCTION territory_gone_keep();

-- Ids alone, whoever asks: a row that moved out of a reader's area must leave what was indexed for it.
CREATE OR REPLACE FUNCTION territory_written(what text, since bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
  IF what = 'territory_unit' THEN
    RETURN QUERY SELECT u.id FROM territory_unit u WHERE u.act >= since;
    RETURN QUERY SELECT g.row FROM territory_gone g WHERE g.tbl = what AND g.act >= since;
  ELSIF what IN ({NAMES}) THEN
    RETURN QUERY SELECT DISTINCT c.key::uuid FROM kernel_change c
      WHERE c.tbl = what AND c.tbl IN ({NAMES}) AND (c.act >= since OR c.act <= -since * {ACTS});
  END IF;
END $$;

-- Grows with whatever is written: equal means nothing was. `n` stops at `most` + 1.
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
  ELSIF what IN ({NAMES}) THEN
    SELECT count(*), coalesce(sum(id), 0) INTO n, mark
      FROM (SELECT c.id FROM kernel_change c WHERE c.tbl = what AND c.tbl IN ({NAMES})
            AND (c.act >= since OR c.act <= -since * {ACTS}) LIMIT most + 1) x;
  END IF;
END $$;
"""

BACK = """
DROP TRIGGER IF EXISTS territory_gone ON territory_unit;
DROP FUNCTION IF EXISTS territory_stand(text, bigint, int);
DROP FUNCTION IF EXISTS territory_written(text, bigint);
DROP FUNCTION IF EXISTS territory_gone_keep();
DROP TABLE IF EXISTS territory_gone;
DROP INDEX IF EXISTS territory_changes;
"""


class Migration(migrations.Migration):
    """Index, table and functions; all may be run again."""

    dependencies = [("territory", "0003_merge_moved_skill_removed"), ("kernel", "0001_journal_and_accounts")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
