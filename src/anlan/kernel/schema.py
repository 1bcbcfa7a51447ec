"""What the ORM can't say: roles, grants, triggers that keep row versions, row-level security.

Run after every migration and safe to run again. The web's role is no superuser and doesn't bypass row security, so
the scope (see `kernel.scope`) is enforced by the database too.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models

from anlan.kernel.models import BulkRow, PartitionedRow, Tracked
from anlan.kernel.options import options

WEB_ROLE = "anlan_web"
APPEND_ONLY = ("kernel_entry", "kernel_change", "kernel_seal", "kernel_checkpoint", "kernel_redaction")

FUNCTIONS = """
CREATE TABLE IF NOT EXISTS kernel_secret (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), value text NOT NULL);

CREATE OR REPLACE FUNCTION anlan_scope() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
DECLARE
  token text := current_setting('anlan.scope', true);
  body text; secret bytea; prefixes text[];
BEGIN
  IF token IS NULL OR token = '' THEN RETURN '{}'; END IF;
  body := split_part(token, ':', 1);
  SELECT convert_to(value, 'UTF8') INTO secret FROM kernel_secret;
  IF secret IS NULL OR split_part(token, ':', 2)
     <> encode(sha256(secret || sha256(secret || convert_to(body, 'UTF8'))), 'hex') THEN RETURN '{}'; END IF;
  IF body = '-' THEN RETURN '{}'; END IF;
  RETURN CASE WHEN body = '' THEN ARRAY[''] ELSE string_to_array(body, ',') END;
END $$;

CREATE OR REPLACE FUNCTION anlan_ancestors() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT left(p, n)), '{}')
  FROM unnest(anlan_scope()) p, unnest(ARRAY[0, 2, 4, 6, 9, 12]) n WHERE n <= length(p)
$$;

CREATE OR REPLACE FUNCTION anlan_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('anlan.now', true), '')::timestamptz, now())
$$;

-- Which act a row version or entry belongs to: the transaction, or the part of it that a drill's driver names, for one
-- tick is one transaction with several rounds of reactions, each sealed by itself. The web may not name acts.
CREATE OR REPLACE FUNCTION anlan_act() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN session_user = 'anlan_web' THEN pg_current_xact_id()::text::bigint
    ELSE coalesce(nullif(current_setting('anlan.act', true), '')::bigint, pg_current_xact_id()::text::bigint) END
$$;

CREATE OR REPLACE FUNCTION anlan_capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
DECLARE
  salted boolean;
  named bigint := anlan_act();
  moment timestamptz := anlan_now();
BEGIN
  IF current_setting('anlan.replay', true) = 'on' THEN RETURN NULL; END IF;
  -- Versions with personal data carry a salt, but not in a drill: its people are made up, and its journal must be the
  -- same every time.
  salted := TG_ARGV[3] = 'personal' AND NOT EXISTS (SELECT 1 FROM kernel_nodestate WHERE drill);
  INSERT INTO kernel_change (act, tbl, op, key, division, reach, at, row, salt)
  SELECT named, TG_TABLE_NAME, left(TG_OP, 1), j ->> TG_ARGV[0],
         coalesce(j ->> TG_ARGV[1], ''), TG_ARGV[2], moment, CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE j END,
         CASE WHEN salted THEN gen_random_uuid() END
  FROM (SELECT to_jsonb(t) AS j FROM anlan_rows t OFFSET 0) x;  -- OFFSET 0: else each row is turned to JSON three times
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION anlan_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: a correction is a new entry', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- A row version may lose its personal data and its salt, and nothing else, when the act that does it has written down
-- the digest it was sealed with (journal.redact).
CREATE OR REPLACE FUNCTION anlan_change_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.salt IS NULL AND OLD.row IS NOT NULL AND NEW.row IS NOT NULL
    AND (NEW.id, NEW.act, NEW.tbl, NEW.op, NEW.key, NEW.division, NEW.reach, NEW.at)
      = (OLD.id, OLD.act, OLD.tbl, OLD.op, OLD.key, OLD.division, OLD.reach, OLD.at)
    AND EXISTS (SELECT 1 FROM kernel_redaction r WHERE r.change_id = OLD.id AND r.act = anlan_act())
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'kernel_change is append-only: a correction is a new entry' USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE FUNCTION anlan_enqueue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
BEGIN
  IF current_setting('anlan.replay', true) = 'on' THEN RETURN NULL; END IF;
  INSERT INTO kernel_unsealed (entry) SELECT id FROM anlan_rows;
  PERFORM pg_notify('anlan_journal', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER anlan_enqueue AFTER INSERT ON kernel_entry
  REFERENCING NEW TABLE AS anlan_rows FOR EACH STATEMENT EXECUTE FUNCTION anlan_enqueue();

CREATE OR REPLACE FUNCTION anlan_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('anlan_sealed', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER anlan_tell AFTER INSERT ON kernel_seal
  FOR EACH STATEMENT EXECUTE FUNCTION anlan_tell();

REVOKE ALL ON kernel_secret FROM PUBLIC;
"""


def after_migrate(sender: Any, using: str = "default", **_: Any) -> None:
    """Run once per `migrate`, when the last app of the project is done."""
    configs = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender.label == configs[-1].label:
        sync()


def sync() -> None:
    """Bring roles, grants, triggers and policies in line with the models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('anlan.schema'))" if connection.in_atomic_block else "SELECT 1"
        )
        _role(cursor)
        cursor.execute(FUNCTIONS)
        cursor.execute(
            "INSERT INTO kernel_secret VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET value = excluded.value"
            " WHERE kernel_secret.value <> excluded.value",
            [options.secret_key],
        )
        for table in APPEND_ONLY:
            guard = "anlan_change_stays" if table == "kernel_change" else "anlan_append_only"
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER anlan_append_only BEFORE UPDATE OR DELETE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION {guard}()"
            )
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {WEB_ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE}")
        for model in scoped_models():
            _secure(cursor, model)
        for model in apps.get_models():
            if issubclass(model, PartitionedRow):
                _secure_partitioned(cursor, model)
        _secure_journal(cursor)
        _secure_keys(cursor)


def scoped_models() -> list[type[models.Model]]:
    """Return all tracked and bulk models, in the order of the chain."""
    return [m for m in apps.get_models() if issubclass(m, Tracked | BulkRow)]


def column(model: type[models.Model]) -> str:
    """Return the column that holds the row's division, '' where the table has none."""
    names = {field.name: field.column for field in model._meta.concrete_fields}
    return str(names.get("division", ""))


def _role(cursor: Any) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WEB_ROLE])
    if cursor.fetchone() is None:  # two databases of one server may come to this line together
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {WEB_ROLE} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}")


def _secure(cursor: Any, model: Any) -> None:
    """Give one table its row-version triggers and its policies."""
    table, division = model._meta.db_table, column(model)
    if issubclass(model, Tracked):
        personal = "personal" if model.PERSONAL else ""
        for op, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER anlan_keep_{op.lower()} AFTER {op} ON "{table}"'
                f" REFERENCING {rows} TABLE AS anlan_rows FOR EACH STATEMENT"
                f" EXECUTE FUNCTION anlan_capture('{model._meta.pk.column}', '{division}', '{model.SCOPE}', '{personal}')"
            )
        if model.APPEND_ONLY:
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER anlan_append_only BEFORE UPDATE OR DELETE ON "{table}"'
                " FOR EACH ROW EXECUTE FUNCTION anlan_append_only()"
            )
    inside = f'"{division}" ^@ ANY ((SELECT anlan_scope())::text[])'
    signed_in = "cardinality((SELECT anlan_scope())) > 0"
    read = {
        "down": inside,
        "chain": f'{inside} OR "{division}" = ANY ((SELECT anlan_ancestors())::text[])',
        "open": signed_in,
    }[model.SCOPE]
    write = inside if division and model.SCOPE != "open" else signed_in
    _policies(cursor, table, read, write)
    cursor.execute(f'REVOKE DELETE ON "{table}" FROM {WEB_ROLE}')


def _secure_partitioned(cursor: Any, model: type[PartitionedRow]) -> None:
    """The web reads a partitioned table by its own condition, and only through the parent."""
    table = model._meta.db_table
    _policies(cursor, table, model.READS, "false")
    cursor.execute(f'REVOKE INSERT, UPDATE, DELETE ON "{table}" FROM {WEB_ROLE}')
    cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
    for (partition,) in cursor.fetchall():
        cursor.execute(f"REVOKE ALL ON {partition} FROM {WEB_ROLE}")


def _secure_journal(cursor: Any) -> None:
    """The journal's own tables: readable in scope, insert-only; row versions and the queue are written by triggers."""
    inside = "division ^@ ANY ((SELECT anlan_scope())::text[])"
    above = "division = ANY ((SELECT anlan_ancestors())::text[])"
    _policies(cursor, "kernel_entry", f"{inside} OR {above}", inside)
    signed_in = "cardinality((SELECT anlan_scope())) > 0"
    read = f"CASE reach WHEN 'open' THEN {signed_in} WHEN 'chain' THEN {inside} OR {above} ELSE {inside} END"
    _policies(cursor, "kernel_change", read, "false")
    for table in ("kernel_secret", "kernel_unsealed", "kernel_redaction"):
        cursor.execute(f"REVOKE ALL ON {table} FROM {WEB_ROLE}")
    for table in APPEND_ONLY:
        cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {WEB_ROLE}")
    cursor.execute(f"REVOKE INSERT ON kernel_change, kernel_seal, kernel_checkpoint FROM {WEB_ROLE}")


def _secure_keys(cursor: Any) -> None:
    """Kept answers: for the very scope they were given to, neither a narrower one nor a wider."""
    own = (
        "cardinality((SELECT anlan_scope())) > 0"
        " AND reach = (SELECT array_to_string((SELECT anlan_scope())::text[], ','))"
    )
    _policies(cursor, "kernel_idempotencykey", own, own)
    cursor.execute(f"REVOKE DELETE ON kernel_idempotencykey FROM {WEB_ROLE}")


def _policies(cursor: Any, table: str, read: str, write: str) -> None:
    cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    for name, rule in (
        ("anlan_read", f"FOR SELECT TO {WEB_ROLE} USING ({read})"),
        ("anlan_add", f"FOR INSERT TO {WEB_ROLE} WITH CHECK ({write})"),
        ("anlan_change", f"FOR UPDATE TO {WEB_ROLE} USING ({write}) WITH CHECK ({write})"),
    ):
        cursor.execute(f'DROP POLICY IF EXISTS {name} ON "{table}"')
        cursor.execute(f'CREATE POLICY {name} ON "{table}" {rule}')
