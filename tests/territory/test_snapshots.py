"""Snapshots: fresh over random writes, shared by processes, whole after a kill, private, and of one database."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection, transaction
from django.db.models import Q

from anlan.kernel.node import database_renew
from anlan.kernel.options import options
from anlan.kernel.scope import Scope
from anlan.territory.models import Unit, current_act
from anlan.territory.selectors import index
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.services import snapshots
from anlan.territory.services.snapshots import snapshot_build, snapshots_refresh
from anlan.territory.sources.snapshot_files import snapshots_home
from tests.territory.register_rows import divisions_lay, units_lay, units_stir

WHOLE = Scope.whole()


@pytest.fixture
def laid(transactional_db):
    shutil.rmtree(snapshots_home(), ignore_errors=True)
    divisions_lay()
    units_lay(200)


def by_brute_force(word, **filters):
    found = Unit.objects.filter(Q(name__contains=word) | Q(address__contains=word), merged_into__isnull=True)
    return found.filter(**filters).count()


def totals(word):
    return register_page(WHOLE, "units", Query(word)).total


@pytest.mark.parametrize("seed", range(4))
def test_fresh_over_random_writes(laid, seed):
    rng = random.Random(seed)
    snapshot_build("units")
    for _ in range(4):
        units_stir(rng, rng.randint(1, 12))
        if rng.random() < 0.3:
            snapshot_build("units")
        for word in ("化", "有限", "菏泽", "工有", "不在"):
            assert totals(word) == by_brute_force(word)
        sized = register_page(WHOLE, "units", Query("化", {"size": ("small",)})).total
        assert sized == by_brute_force("化", size="small")


def test_a_transaction_that_was_open_when_the_snapshot_was_made(laid):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "UPDATE territory_unit SET name = '开着的事务', act = pg_current_xact_id()::text::bigint WHERE key = 'K00007'"
            )
            Unit.objects.filter(key="K00008").update(name="别的", act=current_act())
            snapshot_build("units")
            assert totals("开着的") == 0
            cursor.execute("COMMIT")
        assert totals("开着的事务") == 1
    finally:
        other.close()


def test_too_much_written_is_said(laid, monkeypatch):
    snapshot_build("units")
    monkeypatch.setattr(index, "MOST_WRITTEN", 10)
    Unit.objects.filter(key__lt="K00030").update(staff=7, act=current_act())
    page = register_page(WHOLE, "units", Query("化"))
    assert page.behind
    snapshot_build("units")
    assert not register_page(WHOLE, "units", Query("化")).behind
    assert register_page(WHOLE, "units", Query("化")).as_of > page.as_of


def test_rebuilt_when_due_and_only_then(laid, monkeypatch):
    assert snapshots_refresh() == []  # too few rows to need one
    monkeypatch.setattr(snapshots, "LEAST_ROWS", 100)
    assert snapshots_refresh() == ["units"]
    assert snapshots_refresh() == []
    Unit.objects.update(staff=1, act=current_act())
    assert snapshots_refresh() == []  # made a moment ago; what was written is laid over it
    monkeypatch.setattr(snapshots, "PAUSE", snapshots.PAUSE * 0)
    monkeypatch.setattr(snapshots, "MUCH_WRITTEN", 50)
    assert snapshots_refresh() == ["units"]


def test_nothing_is_built_inside_a_transaction(laid):
    with transaction.atomic():
        assert snapshot_build("units") is None
        assert snapshots_refresh() == []


def test_only_the_owner_reads_the_files_and_old_versions_go(laid):
    first = snapshot_build("units")
    second = snapshot_build("units")
    assert first is not None and second is not None
    assert not first.exists() and second.exists()
    assert {path.stat().st_mode & 0o777 for path in second.rglob("*") if path.is_file()} == {0o600}
    assert sorted(path.name for path in second.parent.iterdir()) == sorted(["CURRENT", "LOCK", second.name])


def test_a_reader_keeps_its_version_while_the_next_comes(laid):
    snapshot_build("units")
    held = index.open_index(WHOLE, "units")
    assert held is not None
    before = held.base.finder.words["name"].text(3)
    Unit.objects.all().update(name="全换了", act=current_act())
    snapshot_build("units")
    assert held.base.finder.words["name"].text(3) == before
    assert totals("全换了") == 200


def test_a_restored_database_does_not_read_the_old_index(laid):
    snapshot_build("units")
    assert index.open_index(WHOLE, "units") is not None
    database_renew()
    assert index.open_index(WHOLE, "units") is None
    assert totals("化") == by_brute_force("化")
    snapshots_refresh()
    assert list(snapshots_home().iterdir()) == []


SCRIPT = """
import django; django.setup()
from django.db import connections
connections.databases["default"]["NAME"] = {name!r}
from anlan.kernel.scope import Scope
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.selectors.index import open_index
from anlan.territory.services.snapshots import snapshot_build
{body}
"""


def process(body, **kwargs):
    script = SCRIPT.format(name=connection.settings_dict["NAME"], body=body)
    environment = {**os.environ, "ANLAN_HOME": str(options.home_path)}
    return subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True, **kwargs
    )


def test_two_processes_read_one_snapshot(laid):
    snapshot_build("units")
    Unit.objects.filter(key="K00003").update(name="另一进程写的", act=current_act())
    body = """
assert open_index(Scope.whole(), "units") is not None
print(register_page(Scope.whole(), "units", Query("另一进程")).total, register_page(Scope.whole(), "units", Query()).total)
"""
    done = process(body)
    out, _ = done.communicate(timeout=60)
    assert out.split() == ["1", "200"]


def test_killed_while_building_the_old_one_stays(laid):
    current = snapshot_build("units")
    assert current is not None
    Unit.objects.filter(key="K00003").update(name="杀掉之前写的", act=current_act())
    body = """
from anlan.territory.sources import snapshot_files
import time
sync = snapshot_files._sync
def slow(folder):
    print("writing", flush=True); time.sleep(60)
snapshot_files._sync = slow
snapshot_build("units")
"""
    builder = process(body)
    assert builder.stdout is not None and builder.stdout.readline().strip() == "writing"
    assert snapshot_build("units") is None  # the other one is at it
    os.kill(builder.pid, signal.SIGKILL)
    builder.wait()
    assert (current.parent / "CURRENT").read_text() == current.name
    assert len(list(current.parent.iterdir())) == 4  # half a version lies about
    assert totals("杀掉之前") == 1
    deadline = time.monotonic() + 30
    while (again := snapshot_build("units")) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert again is not None
    assert len(list(current.parent.iterdir())) == 3
    assert totals("杀掉之前") == 1
