"""These tests look at every partition there is: what other tests left behind goes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

LEFT = "SELECT relname FROM pg_class WHERE relname ~ '^monitoring_(reading|frame|rollup_[a-z]+)_[0-9]+(_leaving)?$'"


@pytest.fixture(autouse=True)
def _no_partitions(request: pytest.FixtureRequest) -> Iterator[None]:
    if "django_db" in request.keywords:
        request.getfixturevalue("transactional_db" if _commits(request) else "db")
        with connection.cursor() as cursor:
            cursor.execute(LEFT)
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TABLE "{name}"')
            cursor.execute("DELETE FROM monitoring_day")
    yield


def _commits(request: pytest.FixtureRequest) -> bool:
    mark = request.node.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction"))
