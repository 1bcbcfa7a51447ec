"""What takes long to make and never differs is made once and copied: a database with today's tables, a node's home.

The database stays on the test server until its schema is another one; the home, which is a whole embedded server, in
the folder ANLAN_TEST_LAID (`./anlan test` makes one for all its lines of work), else for as long as this process.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from anlan.kernel.options import options
from anlan.site import schema_ready


def address(name: str) -> str:
    """The address of a database of that name on the test server."""
    return make_conninfo(options.database_url or "postgresql:///anlan", dbname=name)


@contextmanager
def server() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test server's own database, outside any transaction."""
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        yield connection


def laid_database() -> str:
    """The name of a database that has its tables and nothing in them, and whose secret is that of our own home."""
    before = f"{conninfo_to_dict(options.database_url).get('dbname') or 'anlan'}_laid_"
    name = before + schema_ready.digest()[:12]
    with server() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [before])  # held until we leave
        there = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
        if name not in there:
            for old in there:
                if old.startswith(before):
                    _drop(connection, old)
            _create(connection, f"{before}new", "template0")
            path = os.pathsep.join(filter(None, sys.path))
            own = {"ANLAN_DATABASE_URL": address(f"{before}new"), "ANLAN_HOME": str(options.home_path)}
            words = [sys.executable, "-m", schema_ready.__name__]
            subprocess.run(words, env={**os.environ, **own, "PYTHONPATH": path}, check=True)
            renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(renamed.format(sql.Identifier(f"{before}new"), sql.Identifier(name)))
    return name


def copied(name: str, source: str = "") -> None:
    """Make the database `name` anew, as a copy of `source` (else of the one with tables only), which nobody uses."""
    source = source or laid_database()
    with server() as connection:
        _drop(connection, name)
        _create(connection, name, source)


def dropped(*names: str) -> None:
    """Drop databases, throwing out who still uses them."""
    with server() as connection:
        for name in names:
            _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    from anlan.readiness.database import database_drop  # wants Django set up, which not everybody here has

    database_drop(connection, name)


def _create(connection: psycopg.Connection[Any], name: str, source: str) -> None:
    words = "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    connection.execute(sql.SQL(words).format(sql.Identifier(name), sql.Identifier(source)))


def laid_home(home: Path) -> None:
    """Fill `home` as a node leaves it that was started once and stopped: its keys, its server, its tables."""
    folder = Path(os.environ.get("ANLAN_TEST_LAID") or _own_folder())
    laid = folder / f"home-{schema_ready.digest()[:12]}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not laid.exists():
            from tests.site.nodes import Node

            fresh = folder / "fresh" / "home"
            shutil.rmtree(fresh.parent, ignore_errors=True)
            fresh.parent.mkdir(mode=0o711)
            done = Node(fresh).run("user", "list")
            assert done.returncode == 0, done.stderr
            fresh.rename(laid)
    home.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(laid), str(home)], check=True)  # with its owner, which copytree would not keep


@cache
def _own_folder() -> str:
    made = tempfile.mkdtemp(prefix="anlan-laid-")
    Path(made).chmod(0o711)  # the server in it runs under an account of its own
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
