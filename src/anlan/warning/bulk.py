"""Many rows in one statement, as one JSON document; where every row counts, as columns by `kernel.asking.bound`."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import connection


def rows_write(sql: str, rows: Sequence[dict[str, Any]]) -> int:
    """Run `sql` over `rows`, which it reads from `json_to_recordset(%s)`; returns the rows written."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [msgspec.json.encode(rows).decode()])
        return int(cursor.rowcount)


@contextmanager
def uncollected() -> Iterator[None]:
    """Make tens of thousands of objects that live to the end of the act: looking for rings among them again and again
    would cost as much as making them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
