"""The same keyed write from many connections at once: one does it, the others are told to come again, all get one answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from anlan.response.models import Incident
from tests.own_database import address
from tests.site.keyed import desk, send, told
from tests.site.ogc_territory import token_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secret(transactional_db: None) -> str:
    return token_of(desk())


@contextmanager
def held(table: str) -> Iterator[None]:
    """A table somebody else has locked: writes to it wait."""
    with psycopg.connect(address()) as other:
        other.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
        other.rollback()


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                       " WHERE NOT granted AND d.datname = current_database()")  # fmt: skip
        return bool(cursor.fetchone()[0])


def aside(act: Any, *words: Any) -> Any:
    """Do it on a connection of this thread's own."""
    try:
        return act(*words)
    finally:
        connection.close()


def test_while_the_first_is_being_done_the_second_is_told_to_wait(secret: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        with held("response_incident"):
            first = pool.submit(aside, send, secret, "k")
            end = time.monotonic() + 30
            while not waiting() and time.monotonic() < end:
                time.sleep(0.01)
            second = send(secret, "k")
            assert (second.status_code, second.json()["code"]) == (409, "idempotency.running")
            assert second.headers["Retry-After"] == "1"
            assert send(secret, "mine", body={}).status_code == 422  # other keys don't wait
        done = first.result(60)
    assert told(done)[::2] == (201, False)
    assert told(send(secret, "k")) == (201, done.json(), True)
    assert Incident.objects.count() == 1


def test_however_many_send_at_once_it_is_done_once(secret: str) -> None:
    keys, senders = [f"k{number}" for number in range(5)], 6
    gate = threading.Barrier(senders)

    def insist() -> list[str]:
        gate.wait()
        found = []
        for key in keys:
            while (answer := send(secret, key)).status_code == 409:
                time.sleep(0.01)
            assert answer.status_code == 201
            found.append(answer.json()["id"])
        return found

    with ThreadPoolExecutor(senders) as pool:
        answers = [one.result(120) for one in [pool.submit(aside, insist) for _ in range(senders)]]
    assert all(one == answers[0] for one in answers)
    assert {str(row.pk) for row in Incident.objects.all()} == set(answers[0])
