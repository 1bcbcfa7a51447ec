"""kill -9 of an import at random moments, again and again: what is there in the end is what one quiet run leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from anlan.kernel import journal
from anlan.kernel.models import Entry
from anlan.territory.models import Import, ImportIssue, Kept, Unit
from anlan.territory.services import generate
from tests.own_database import address
from tests.territory.importing import bring, sheet, unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults, pytest.mark.slow]
ROWS, KILLS, SEED = 4000, 8, 7


@pytest.fixture(autouse=True)
def territory(transactional_db: None) -> Iterator[None]:
    generate("tiny", 7)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS anlan_import CASCADE")


def content() -> str:
    """Hash of all units, those columns apart that tell when and by which import."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg((to_jsonb(u) - 'act' - 'updated_at' - 'origin')::text, '' ORDER BY key)) FROM territory_unit u"
        )
        return str(cursor.fetchone()[0])


def environment() -> dict[str, str]:
    """The child works in the test's own database."""
    return {**os.environ, "ANLAN_DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "anlan.site.settings"}


def start(what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.importing", what]
    here = Path(__file__).parents[2]
    path = f"{here / 'src'}{os.pathsep}{here}"
    return subprocess.Popen(
        command, env={**environment(), "PYTHONPATH": path}, cwd=here, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def rows() -> list[dict[str, object]]:
    made = [unit(number) for number in range(ROWS)]
    for number in range(0, ROWS, 33):
        made[number]["phone"] = "12"
    return made


def test_an_import_outlives_being_killed_at_any_moment(tmp_path: Path) -> None:
    bring(sheet(tmp_path / "old.xlsx", [unit(number, name="旧名") for number in range(0, ROWS, 2)]))
    path = sheet(tmp_path / "a.xlsx", rows())
    chance = random.Random(SEED)
    child = start(str(path))
    assert child.stdout is not None
    batch = child.stdout.readline().strip()
    states = []
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 1.2))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        states.append(Import.objects.get(pk=batch).state)
        assert Unit.objects.filter(origin=batch).count() in (0, ROWS // 2 - 61)  # all of it, or nothing
        if states[-1] == "done":
            break
        child = start(batch)
    assert start(batch).wait() == 0
    done = Import.objects.get(pk=batch)
    assert done.state == "done", states
    killed = content()
    assert ImportIssue.objects.filter(batch=done).count() == len(range(0, ROWS, 33))
    assert Kept.objects.filter(batch=batch).count() == done.counts["changed"]
    assert Entry.objects.filter(kind="territory.imported", about=f"import:{batch}").count() == 1
    again = bring(path)
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert again.content == done.content
    assert content() == killed
    journal.seal()
    assert journal.verify() is None
