"""One after the other: what must not be decided twice at once, where there is no row yet that could be locked."""

from __future__ import annotations

from django.db import connection


def in_turn(name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends, so that whoever comes second reads
    what the first has written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"anlan.response.{name}"])
