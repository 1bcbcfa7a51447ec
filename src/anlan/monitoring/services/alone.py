"""Work that one process does at a time: a lock of the database's that goes with the connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

T = TypeVar("T")
LOCK_WAIT = "2s"
TRIES = 15


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Hold the lock `anlan.<name>` for as long as the block takes, if it was free; tell whether it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"anlan.{name}"])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"anlan.{name}"])


def patiently(work: Callable[[], T]) -> T:
    """Do something in a transaction that needs a table for itself, without making others queue behind the wish: each
    try waits two seconds at most, and others go on in between. Raises OperationalError when it never came to it."""
    for last in range(TRIES, 0, -1):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
                    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('anlan.partitions'))")
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in ("55P03", "40P01") or last == 1:
                raise
    raise AssertionError("TRIES is positive")
