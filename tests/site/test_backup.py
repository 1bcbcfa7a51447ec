"""Backups: the round trip, and what is refused."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from anlan.kernel.problem import Invalid
from anlan.site import database
from anlan.site.backup import read_manifest
from anlan.site.postgres import Server
from tests.site.nodes import Node


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    folder = Path(tempfile.mkdtemp(prefix="anlan-backup-"))
    node = Node(folder / "home").laid()
    done = node.run("user", "add", "before", "--division", "41", "--role", "admin")
    assert done.returncode == 0, done.stderr
    yield node
    Server(node.home).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def backup(node: Node) -> Path:
    done = node.run("backup")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_the_file_is_private_and_its_manifest_true(backup: Path):
    assert backup.stat().st_mode & 0o077 == 0
    manifest = read_manifest(backup)
    assert manifest["version"]
    assert len(manifest["sha256"]) == 64


def test_no_key_leaves_the_home(node: Node, backup: Path):
    with zipfile.ZipFile(backup) as file:
        assert sorted(file.namelist()) == ["database.dump", "manifest.json"]
        dump = file.read("database.dump")
    for key in (node.home / "keys").iterdir():
        assert key.read_bytes().strip() not in dump


def test_the_round_trip_brings_back_what_was_there_and_renews_the_identity(node: Node, backup: Path):
    assert node.run("user", "add", "after", "--division", "41", "--role", "admin").returncode == 0
    done = node.run("restore", str(backup))
    assert done.returncode == 0, done.stderr
    kept = json.loads(done.stdout)["kept"]
    names = node.run("user", "list").stdout
    assert "before" in names
    assert "after" not in names
    assert "after" in node.run("--database", kept, "user", "list").stdout
    identities = [_one(node, name, "SELECT database::text FROM kernel_nodestate") for name in (database.DATABASE, kept)]
    assert identities[0] is not None
    assert identities[0] != identities[1]
    assert node.run("journal", "verify").returncode == 0
    assert _one(node, database.DATABASE, "SELECT count(*) FROM django_session") == 0
    assert (
        _one(node, database.DATABASE, "SELECT value FROM kernel_secret")
        == (node.home / "keys/secret").read_text().strip()
    )


def test_an_existing_database_is_never_overwritten(node: Node, backup: Path):
    done = node.run("restore", str(backup), "--into", database.DATABASE)
    assert done.returncode == 1
    assert "--into" in done.stderr


def test_a_damaged_file_is_refused(backup: Path, tmp_path: Path):
    damaged = tmp_path / "damaged.backup"
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(damaged, "w") as target:
        target.writestr("manifest.json", source.read("manifest.json"))
        dump = bytearray(source.read("database.dump"))
        dump[len(dump) // 2] ^= 1
        target.writestr("database.dump", bytes(dump))
    with pytest.raises(Invalid) as refused:
        read_manifest(damaged)
    assert refused.value.code == "restore.damaged"
    (tmp_path / "text.backup").write_text("not a backup")
    with pytest.raises(Invalid):
        read_manifest(tmp_path / "text.backup")


def _one(node: Node, name: str, question: str) -> object:
    """Ask the embedded server one thing, as its superuser; starts it for as long as that takes."""
    server = Server(node.home)
    server.wait(server.start())
    try:
        with psycopg.connect(server.superuser(name)) as connection:
            row = connection.execute(question).fetchone()
            return row[0] if row else None
    finally:
        server.stop()
