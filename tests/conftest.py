"""What every test stands on: a real PostgreSQL, a home folder of its own, and a journal that can be emptied."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from psycopg import sql

if "ANLAN_HOME" not in os.environ:
    os.environ["ANLAN_HOME"] = tempfile.mkdtemp(prefix="anlan-test-")
    atexit.register(shutil.rmtree, os.environ["ANLAN_HOME"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
# Playwright keeps an event loop in the main thread between its tests; Django would take every test for asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# How fast examples come is the machine's affair: a busy one is no fault of what is tested.
settings.register_profile("anlan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anlan")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, a fresh copy of the one laid once: no run waits for migrations or finds what another left."""
    from django.db import connection

    from tests import laid

    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        name = f"test_{before}{os.environ.get('ANLAN_TEST_LINE', '')}"  # what runs beside us may be on the same server
        laid.copied(name)
        with laid.server() as server:  # who would wait for ever is told what for
            server.execute(sql.SQL("ALTER DATABASE {} SET lock_timeout = '120s'").format(sql.Identifier(name)))
        connection.settings_dict["NAME"] = name
        yield
        connection.close()
        connection.settings_dict["NAME"] = before
        laid.dropped(name)


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


KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def _emptied(case: TransactionTestCase) -> None:
    """After a test that commits: empty what has rows, behind the guards. Django would truncate every table and make its
    types and permissions anew, a second each time."""
    from django.apps import apps
    from django.db import connection

    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - KEPT
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in sorted(tables)))
        filled = [row[0] for row in cursor.fetchall()]
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")
            for one in filled:
                cursor.execute(f"DELETE FROM {one}")


TransactionTestCase._fixture_teardown = _emptied  # type: ignore[method-assign]
