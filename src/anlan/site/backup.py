"""Backups: one file that holds the database's dump and a manifest with its hash, and the way back.

The keys stay at home: whoever finds a backup can't sign as this node. A restored copy gets an identity of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from anlan import __version__
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid, Unavailable
from anlan.site import database, schema_ready
from anlan.site.postgres import find_programs

BLOCK = 1 << 20
PRIVATE = ("kernel_secret", "kernel_signinlink", "kernel_idempotencykey", "django_session")


def backup(address: str, *, reason: str = "asked", folder: Path | None = None) -> Path:
    """Write a backup of the database at `address`; return its path. Keeps the newest `options.backup_keep`."""
    folder = folder or options.home_path / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken = datetime.now(UTC)
    target = folder / f"anlan-{taken:%Y%m%dT%H%M%S}-{reason}.backup"
    fresh, dump = target.with_suffix(".new"), target.with_suffix(".dump")
    try:
        manifest = _dump(address, dump) | {"taken_at": taken.isoformat(), "reason": reason, "sha256": _sha256(dump)}
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as file:
            file.writestr("manifest.json", json.dumps(manifest, indent=1))
            file.write(dump, "database.dump")
        fresh.chmod(0o600)
        _sync(fresh)
        fresh.rename(target)
    finally:
        dump.unlink(missing_ok=True)
        fresh.unlink(missing_ok=True)
    _forget_old(folder)
    return target


def read_manifest(file: Path) -> dict[str, Any]:
    """Return a backup's manifest after checking the dump against its hash; refuse a damaged file."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
            total = hashlib.sha256()
            with archive.open("database.dump") as dump:
                while block := dump.read(BLOCK):
                    total.update(block)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as failure:
        raise _damaged(file, str(failure)) from failure
    if total.hexdigest() != manifest.get("sha256"):
        raise _damaged(file, "sha256")
    return manifest


def restore(address: str, file: Path, *, name: str) -> dict[str, Any]:
    """Lay a backup down in the fresh database `name` of the server; return the manifest. Never overwrites one."""
    manifest = read_manifest(file)
    target = database.with_database(address, name)
    with psycopg.connect(address, autocommit=True) as connection:
        if not database.create_database(connection, name):
            raise Conflict(
                code="restore.exists",
                zh=f"数据库 {name} 已存在，恢复不会覆盖它；请用 --into 给出新的名称。",
                en=f"The database {name} exists and is not overwritten; give a new name with --into.",
                field="into",
                value=name,
            )
    dump = options.home_path / f"restore.{os.getpid()}"
    try:
        with zipfile.ZipFile(file) as archive, archive.open("database.dump") as source, dump.open("wb") as out:
            while block := source.read(BLOCK):
                out.write(block)
        _run("pg_restore", target, "--no-owner", "--exit-on-error", "--single-transaction", str(dump))
    except Unavailable:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        raise
    finally:
        dump.unlink(missing_ok=True)
    schema_ready.migrate(target)  # an older backup moves up; grants, triggers and this home's key are laid anew
    from anlan.kernel.node import database_renew

    database_renew()
    return manifest


def exchange(address: str, *, live: str, restored: str) -> str:
    """Let the restored database take the live one's name; the old one is kept beside it. Returns its new name."""
    old = f"{live}_before_{datetime.now(UTC):%Y%m%dT%H%M%S}"
    with psycopg.connect(database.with_database(address, "postgres"), autocommit=True) as connection:
        for name, new in ((live, old), (restored, live)):
            words = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(new)))
    return old


def _dump(address: str, dump: Path) -> dict[str, Any]:
    """Dump the database and say what it held, both from one snapshot."""
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        head = connection.execute(
            "SELECT seq, encode(hash, 'hex') FROM kernel_seal ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        node = connection.execute("SELECT node, database::text FROM kernel_nodestate WHERE id = 1").fetchone()
        left_out = [f"--exclude-table-data={table}" for table in PRIVATE]
        left_out.append("--exclude-schema=anlan_import")  # rows of imports under way: read again from their file
        _run(
            "pg_dump", address, "--format=custom", "--compress=1", "--no-owner", *left_out,
            f"--snapshot={snapshot[0] if snapshot else ''}", f"--file={dump}",
        )  # fmt: skip
    return {
        "format": 1,
        "version": __version__,
        "journal_head": {"seq": head[0], "hash": head[1]} if head else None,
        "node": node[0] if node else None,
        "database": node[1] if node else None,
    }


def _run(program: str, address: str, *words: str) -> None:
    """Run one of PostgreSQL's programs on a database; the address, with its password, goes by the environment."""
    parts = conninfo_to_dict(address)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    known = {names[key]: str(value) for key, value in parts.items() if key in names}
    command = [str(find_programs() / program), *words]
    if program == "pg_restore":
        command.insert(1, f"--dbname={known['PGDATABASE']}")
    done = subprocess.run(command, env={**os.environ, **known}, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(
            code="backup.failed",
            zh=f"{program} 失败：{done.stderr[-1500:]}",
            en=f"{program} failed: {done.stderr[-1500:]}",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("anlan-*.backup"))[: -max(1, options.backup_keep)]:
        old.unlink()


def _damaged(file: Path, why: str) -> Invalid:
    return Invalid(
        code="restore.damaged",
        zh=f"备份 {file} 已损坏或不是安澜的备份（{why}）；请换一份备份。",
        en=f"The backup {file} is damaged or none of Anlan's ({why}); take another one.",
        field="file",
        value=file,
    )
