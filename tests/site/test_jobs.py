"""Jobs: kept in the database, run by the worker, the calendar's among them."""

from __future__ import annotations

import asyncio

import pytest
from django.db import transaction
from procrastinate.contrib.django import app

from anlan.kernel import journal
from anlan.kernel.actor import Actor
from anlan.kernel.models import Checkpoint
from anlan.site import tasks
from tests.kernel.events import Made


@pytest.mark.django_db(transaction=True)
def test_a_deferred_job_is_done_by_the_worker() -> None:
    with transaction.atomic():
        journal.record(Made(name="x"), by=Actor.system("t"), about="x:1", division="41")
    journal.seal()
    tasks.checkpoint_daily.defer(timestamp=0)

    async def work() -> None:
        worker = tasks.worker_app()
        async with worker.open_async():
            await asyncio.wait_for(worker.run_worker_async(wait=False, install_signal_handlers=False), 30)

    asyncio.run(work())
    assert Checkpoint.objects.get().seq == 1


def test_the_calendar_has_the_nightly_work() -> None:
    names = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    assert names == {
        "anlan.checkpoint",
        "anlan.backup",
        "anlan.quality",
        "anlan.duplicates",
        "anlan.rollups",
        "anlan.archive",
        "anlan.feeds",
        "anlan.idempotency",
    }
