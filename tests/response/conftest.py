"""What the response tests stand on: the tiny territory and the shipped plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from tests.response.scene import RED, SCENE, SYSTEM, person


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
    from anlan.response.formats.packs import pack_text
    from anlan.response.services import plan_load

    return plan_load(by=SYSTEM, text=pack_text("plans/zhengzhou_flood.yaml"), at=RED - timedelta(days=1))


@pytest.fixture
def commander(plan: Any) -> Actor:
    return person("4101.commander", "decider")


@pytest.fixture
def flood(plan: Any) -> Any:
    """An incident of the county, open since the scene began."""
    from anlan.response.services import incident_open

    title = {"zh": "崔庙镇山洪", "en": "Flash flood at Cuimiao"}
    return incident_open(by=SCENE, kind="flash_flood", title=title, division="410182", source="110", lon=113.2, lat=34.6,
                         at=RED)  # fmt: skip


@pytest.fixture
def post(flood: Any) -> Any:
    """An on-site command post for it."""
    from anlan.response.services import command_post_set_up

    return command_post_set_up(by=SCENE, incident=flood.pk, place="镇政府院内", at=RED + timedelta(minutes=10))


@pytest.fixture
def drill() -> Iterator[Any]:
    from anlan.kernel import clock
    from tests.response.reporting import T0, DrillClock

    made = DrillClock()
    made.to(T0)
    yield made
    clock.follow(None)
