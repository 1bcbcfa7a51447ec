"""What the response tests stand on: the tiny territory and the shipped plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from tests.response.scene import RED, SYSTEM, person


@pytest.fixture(scope="package", autouse=True)
def tiny(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Lay down the tiny territory once for the stage's tests, each of which is rolled back; leave nothing behind."""
    from django.core.management import call_command

    from anlan.territory.models import Generation
    from anlan.territory.services import generate

    with django_db_blocker.unblock():
        if not Generation.objects.exists():
            generate("tiny", 7)
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def plan(db: None) -> Any:
    from anlan.response.services import plans_load_shipped

    return plans_load_shipped(by=SYSTEM, at=RED - timedelta(days=1))[0]


@pytest.fixture
def commander(plan: Any) -> Actor:
    return person("4101.commander", "decider")
