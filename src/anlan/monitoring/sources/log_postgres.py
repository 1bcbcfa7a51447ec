"""The log in PostgreSQL: a head row per shard whose lock gives numbers without gaps, in order of commit."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from threading import Lock
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from anlan.kernel import clock
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.readings_copy import SINCE_2000
from anlan.monitoring.sources.log import Entry, LogGap

CHANNEL = "anlan_intake"
_COPY = "COPY monitoring_logentry (shard, number, taken_at, body) FROM STDIN (FORMAT binary)"
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_ROW = struct.Struct(">hihiqiqi")  # fields, then length and value: shard, number, taken_at; length of the body
_TAKE = """
INSERT INTO monitoring_loghead (shard, head) VALUES (%s, %s)
ON CONFLICT (shard) DO UPDATE SET head = monitoring_loghead.head + excluded.head RETURNING head
"""
_READ = "SELECT number, body FROM monitoring_logentry WHERE shard = %s AND number > %s ORDER BY number LIMIT %s"


class PostgresLog:
    """Appends and reads on this thread's own connection of Django; inside a transaction, as a part of it."""

    name = "postgres"

    def __init__(self) -> None:
        self._ear: psycopg.Connection[Any] | None = None
        self._ear_lock = Lock()

    def append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        """Add messages in one transaction; a broken connection is closed, so that the next try gets a new one."""
        if not messages:
            return
        try:
            with transaction.atomic(savepoint=False), connection.cursor() as cursor:
                self._write(cursor, messages)
        except (OperationalError, InterfaceError):
            if not connection.in_atomic_block:
                connection.close()
            raise

    def _write(self, cursor: Any, messages: Sequence[tuple[int, bytes]]) -> None:
        """Take numbers, shard by shard in one order for all (no two appenders wait for each other), and copy in."""
        bodies: dict[int, list[bytes]] = {}
        for shard, body in messages:
            bodies.setdefault(shard, []).append(body)
        taken = microseconds(clock.now()) - SINCE_2000
        parts = [_COPY_HEAD]
        for shard in sorted(bodies):
            cursor.execute(_TAKE, [shard, len(bodies[shard])])
            first = cursor.fetchone()[0] - len(bodies[shard]) + 1
            for number, body in enumerate(bodies[shard], start=first):
                parts += (_ROW.pack(4, 2, shard, 8, number, 8, taken, len(body)), body)
        parts.append(b"\xff\xff")
        with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
            copy.write(b"".join(parts))
        cursor.execute(f"NOTIFY {CHANNEL}")

    def read(self, shard: int, after: int, *, most: int, wait_s: float = 0.0) -> list[Entry]:
        """Return the next entries; waits for a notice of new ones when there are none."""
        found = self._read(shard, after, most)
        if not found and wait_s > 0:
            self._listen(wait_s)
            found = self._read(shard, after, most)
        if not found:
            found = self._missing(shard, after, most)
        for wanted, entry in enumerate(found, start=after + 1):
            if entry.number != wanted:
                raise LogGap(shard, wanted, entry.number)
        return found

    def _missing(self, shard: int, after: int, most: int) -> list[Entry]:
        """Nothing follows: is the log really at its end? What was committed meanwhile is returned."""
        head = self.head(shard)
        if head == after:
            return []
        found = self._read(shard, after, most)
        if not found:
            raise LogGap(shard, after + 1, head if head < after else None)
        return found

    def _read(self, shard: int, after: int, most: int) -> list[Entry]:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [shard, after, most])
            return [Entry(number, bytes(body)) for number, body in cursor.fetchall()]

    def _listen(self, wait_s: float) -> None:
        """Wait for a notice, on a connection of its own that is made when first needed and again when it broke."""
        with self._ear_lock, connection.wrap_database_errors:
            try:
                if self._ear is None:
                    self._ear = psycopg.connect(**_address(), autocommit=True)
                    self._ear.execute(f"LISTEN {CHANNEL}")
                    return  # what came before we listened is read at once
                for _ in self._ear.notifies(timeout=wait_s, stop_after=1):
                    pass
            except psycopg.Error:
                self.close()
                raise

    def head(self, shard: int) -> int:
        """Return the number of the newest message."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT head FROM monitoring_loghead WHERE shard = %s", [shard])
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def trim(self, shard: int, upto: int) -> None:
        """Delete messages up to this number."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM monitoring_logentry WHERE shard = %s AND number <= %s", [shard, upto])

    def close(self) -> None:
        """Let go of the listening connection."""
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.close()


def _address() -> dict[str, Any]:
    """Return how psycopg reaches the database this thread works on."""
    params = dict(connection.get_connection_params())
    return {key: value for key, value in params.items() if key in ("dbname", "user", "password", "host", "port")}
