"""Statements outside the ORM whose values the server binds; and questions that are asked thousands of times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import Cursor


@contextmanager
def bound() -> Iterator[Cursor[Any]]:
    """A cursor whose values go to the server beside the statement. An array for `%b` goes in binary form: nothing is
    quoted, nothing parsed, at a tenth of the cost of JSON. Cast each such value in the statement."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        yield cursor


def asked(sql: str) -> tuple[Any, ...]:
    """Return the one row `sql` answers with, such as when the next deadline is. The server plans it once a session, for
    planning takes longer than answering: only for questions without parameters whose best plan is the same however large
    the tables get (the ends of an index)."""
    with bound() as cursor:
        row: tuple[Any, ...] | None = cursor.execute(sql, prepare=True).fetchone()
    if row is None:
        raise ValueError("the question has no row for an answer")
    return row
