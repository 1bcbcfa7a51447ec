"""What every test stands on: a real PostgreSQL, a home folder of its own, and a journal that can be emptied."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

if "ANLAN_HOME" not in os.environ:
    os.environ["ANLAN_HOME"] = tempfile.mkdtemp(prefix="anlan-test-")
    atexit.register(shutil.rmtree, os.environ["ANLAN_HOME"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
# Playwright keeps an event loop in the main thread between its tests; Django would take every test for asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# How fast examples come is the machine's affair: a busy one is no fault of what is tested.
settings.register_profile("anlan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anlan")


@pytest.fixture
def web_role(db: None) -> Iterator[None]:
    """Do as the web's database role does: row-level security applies, and no scope is set yet."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        cursor.execute("SELECT set_config('anlan.scope', '', false)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def _partitioned_emptied(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """After a test that commits, Django empties the tables it manages; the partitioned ones are emptied here."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (mark is not None and mark.kwargs.get("transaction")):
        from django.apps import apps
        from django.db import connection

        tables = ", ".join(model._meta.db_table for model in apps.get_models() if not model._meta.managed)
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables}")
