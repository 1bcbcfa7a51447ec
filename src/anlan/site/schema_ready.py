"""Is the database's schema the one this code needs? Answered without Django when nothing has changed.

What the schema is made from is hashed; the hash of the last finished migration is kept in the database itself, as
the comment on Django's table of migrations, so it travels with a backup and can't be told apart from the data.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from anlan import __version__
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site.processes import run_beside

PACKAGE = Path(__file__).resolve().parent.parent
SOURCES = ("kernel/schema.py", "*/models.py", "*/models/*.py", "*/migrations/*.py", "site/settings.py")


def digest() -> str:
    """Hash everything that `migrate` and the schema sync depend on, the node's secret included."""
    total = hashlib.sha256(f"{__version__}\0{options.secret_key}\0".encode())
    for path in sorted({path for pattern in SOURCES for path in PACKAGE.glob(pattern)}):
        total.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def state(address: str) -> str:
    """Return "empty" (no tables yet), "current" or "other" for the database at `address`."""
    with psycopg.connect(address, connect_timeout=10) as connection:
        row = connection.execute("SELECT obj_description(to_regclass('public.django_migrations'))").fetchone()
        known = connection.execute("SELECT to_regclass('public.django_migrations')").fetchone()
    if known is None or known[0] is None:
        return "empty"
    return "current" if row and row[0] == f"anlan {digest()}" else "other"


def migrate(address: str) -> None:
    """Migrate, in this process: Django must not be set up for another database yet. Marks the schema when done."""
    vars(options)["database_url"] = address
    _setup()
    from django.core.management import call_command

    # every step makes many models anew: a fifth of the time went into looking for dead ones
    gc.set_threshold(50_000, 10, 10)
    call_command("migrate", verbosity=0, interactive=False)
    set_mark(address)


def set_mark(address: str) -> None:
    """Note in the database that its schema is what this code needs."""
    with psycopg.connect(address) as connection:
        mark = sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(sql.Literal(f"anlan {digest()}"))
        connection.execute(mark)


def pending(address: str) -> list[str]:
    """Return the migrations that have not run yet, as "app.name"."""
    vars(options)["database_url"] = address
    _setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return [f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def ensure(address: str, environment: dict[str, str], stopping: threading.Event | None = None) -> bool:
    """Bring the schema up to date in a process of its own, after a backup if it holds data; return if it was needed."""
    found = state(address)
    if found == "current":
        return False
    if found == "other":
        from anlan.site.backup import backup

        backup(address, reason="before-migration")
    code, _ = run_beside([sys.executable, "-m", __name__], environment, stopping or threading.Event())
    if code:
        raise Unavailable(
            code="schema.migrate",
            zh="数据库结构升级失败，原因见上；升级前的数据在 backups/ 中。请按原因排除后重新启动。",
            en="The schema could not be migrated; the reason is above. The data from before is in backups/. Mend and start again.",
        )
    return True


def _setup() -> Any:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django

    django.setup()


if __name__ == "__main__":
    migrate(options.database_url)
