"""A drill's own database on the same server: made, dropped, and used by this process instead of its own."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from anlan.kernel.drill import follow_clock
from anlan.kernel.problem import Unavailable

PARTS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
PAUSES_S = (0.1, 0.3, 1.0, 3.0, 10.0)  # between the tries to drop a database


def drill_database(scenario: str, seed: int) -> str:
    """Name of the database of one drill: lower case letters, digits and underscores."""
    return "anlan_drill_" + re.sub(r"[^a-z0-9]+", "_", f"{scenario}_{seed}".lower())


def database_fresh(name: str) -> None:
    """Make an empty database, dropping one of that name and throwing out who still uses it."""
    with _server() as server:
        database_drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0").format(
                sql.Identifier(name)
            )
        )


def database_drop(server: psycopg.Connection[Any], name: str) -> None:
    """Drop a database if it is there, throwing out who still uses it.

    One of the server's own workers (autovacuum) may be in it, which its owner may not throw out (and then nobody is): asked
    without force, the server sends its worker away itself.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    forced = drop + sql.SQL(" WITH (FORCE)")
    for pause in PAUSES_S:
        for way in (forced, drop):
            with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                server.execute(way)
                return
        time.sleep(pause)
    server.execute(forced)


def database_exists(name: str) -> bool:
    """Whether the server has a database of that name."""
    with _server() as server:
        return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def database_use(name: str) -> None:
    """Let this process work on that database from now on, under the drill's clock."""
    connection.close()
    connection.settings_dict["NAME"] = name
    follow_clock()


def database_migrate() -> None:
    """Bring the database's tables up to date, quietly."""
    call_command("migrate", verbosity=0, interactive=False)


def _server() -> psycopg.Connection[Any]:
    """A connection outside any transaction to the server's own database."""
    settings = {key: connection.settings_dict.get(key) for key in PARTS}
    words = {PARTS[key]: value for key, value in settings.items() if value} | {"dbname": "postgres"}
    try:
        return psycopg.connect(**words, autocommit=True)
    except psycopg.OperationalError as error:
        raise Unavailable(
            code="drill.no_server",
            zh="连不上数据库服务器，无法建立演练库；请先运行 ./anlan doctor。",
            en="The database server can't be reached, so no drill database can be made; run ./anlan doctor.",
        ) from error
