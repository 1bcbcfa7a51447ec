"""kill -9 in the middle of keyed writes: write and kept answer are both there or neither is, and a resent one is done once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from anlan.kernel.models import Account, Entry, IdempotencyKey
from anlan.response.models import Incident
from tests.faults.reports_kill import land_laid
from tests.own_database import address
from tests.site.ogc_territory import account_make, token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults, pytest.mark.slow]
COUNT, KILLS, SEED = 60, 6, 7


@pytest.fixture
def secret(transactional_db: None) -> str:
    land_laid(6)
    account: Account = account_make(["410181"], "desk", ("duty",))
    return token_of(account)


def start(secret: str, count: int) -> subprocess.Popen[str]:
    """The sender, in the test's own database; returns when it begins."""
    here = Path(__file__).parents[2]
    own = {"ANLAN_DATABASE_URL": address(), "PYTHONPATH": f"{here / 'src'}{os.pathsep}{here}",
           "DJANGO_SETTINGS_MODULE": "anlan.site.settings"}  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.resent_kill", secret, str(count)], cwd=here, text=True,
        env={**os.environ, **own}, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


def kill(child: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """End it as a power cut does; return what it had been told by then."""
    os.killpg(child.pid, signal.SIGKILL)
    out, _ = child.communicate()
    return [json.loads(line) for line in out.splitlines() if line.endswith("}")]


def counts() -> tuple[int, int, int]:
    """Incidents, their events, kept answers."""
    kept = IdempotencyKey.objects.filter(status=201).count()
    assert kept == IdempotencyKey.objects.count()  # never a key without its answer
    return Incident.objects.count(), Entry.objects.filter(kind="incident.opened").count(), kept


def settled() -> None:
    """Until the server has noticed who died, and ended what it did for them."""
    end = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                           " AND pid <> pg_backend_pid() AND backend_type = 'client backend'")  # fmt: skip
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.02)
    raise TimeoutError("a connection of a dead process is still open")


def test_killed_between_the_write_and_its_answer_nothing_is_left(secret: str) -> None:
    with psycopg.connect(address()) as other:  # whoever holds this table stops the child when the write is all done
        other.execute("LOCK TABLE kernel_entry IN SHARE MODE")
        child = start(secret, 1)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,):
                break
            time.sleep(0.02)
        assert kill(child) == []
        other.rollback()
    settled()
    assert counts() == (0, 0, 0)
    child = start(secret, 1)
    out, _ = child.communicate(timeout=60)
    assert [(one["status"], one["again"]) for one in map(json.loads, out.splitlines())] == [(201, False)]
    assert counts() == (1, 1, 1)


def test_however_often_the_sender_dies_each_is_done_once(secret: str) -> None:
    chance, ids = random.Random(SEED), dict[int, str]()
    for _ in range(KILLS):
        child = start(secret, COUNT)
        time.sleep(chance.uniform(0.05, 0.6))
        told = kill(child)
        settled()
        for number, one in enumerate(told):
            assert (one["status"], ids.setdefault(number, one["id"])) == (201, one["id"])
        assert len(set(counts())) == 1
    assert len(ids) > 0
    out, _ = start(secret, COUNT).communicate(timeout=120)
    last = [json.loads(line) for line in out.splitlines()]
    assert [one["status"] for one in last] == [201] * COUNT
    assert all(last[number] == {"status": 201, "id": key, "again": True} for number, key in ids.items())
    assert counts() == (COUNT, COUNT, COUNT)
