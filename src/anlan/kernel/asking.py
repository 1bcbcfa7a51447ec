"""Questions of one row without parameters that are asked thousands of times, such as when the next deadline is."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import Cursor


def asked(sql: str) -> tuple[Any, ...]:
    """Return the one row `sql` answers with. The server plans it once a session, for planning takes longer than
    answering: only for questions whose best plan is the same however large the tables get (the ends of an index)."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        row: tuple[Any, ...] | None = cursor.execute(sql, prepare=True).fetchone()
    if row is None:
        raise ValueError("the question has no row for an answer")
    return row
