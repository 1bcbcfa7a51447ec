"""What the SensorThings tests stand on: stations of two counties, and a reader of one of them as the web's role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests.site.sta.making import client_of, readings_make, stations_make


@pytest.fixture
def numbers(db: None) -> dict[tuple[str, str], int]:
    found = stations_make()
    readings_make(found)
    return found


@pytest.fixture
def client(numbers: dict[tuple[str, str], int]) -> Iterator[Client]:
    """A reader of one county; requests go as the web's database role."""
    found = client_of(["410181"])
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    yield found
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
