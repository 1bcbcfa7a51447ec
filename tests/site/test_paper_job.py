"""A paper from its draft to the files that are kept with it: three hands, then the worker."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.response.formats.gbt9704_docx import text_of
from tests.response.papers.conftest import fonts
from tests.response.papers.test_services import bodies
from tests.response.scene import BEIJING

__all__ = ["fonts"]
AT = datetime(2021, 7, 20, 16, 35, tzinfo=BEIJING)


def hand(name: str, role: str) -> Actor:
    return Actor("person", name, Scope(("4101",)), roles=frozenset([role]))


@pytest.mark.django_db(transaction=True)
def test_an_issued_paper_gets_its_four_files_from_the_worker(
    fonts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anlan.response.models import Paper
    from anlan.response.services import paper_check, paper_files, paper_issue, paper_make, paper_sign
    from anlan.site import tasks

    monkeypatch.setattr(paper_files, "paper_folders", lambda make: fonts)
    maker, checker, signer = hand("maker", "duty"), hand("checker", "duty"), hand("signer", "decider")
    row = paper_make(by=maker, kind="level_start", bodies=bodies(), division="4101", at=AT)
    paper_check(by=checker, paper=row.pk, seen=row.digest, at=AT)
    paper_sign(by=signer, paper=row.pk, seen=row.digest, at=AT)
    paper_issue(by=maker, paper=row.pk, seen=row.digest, at=AT)
    assert Paper.objects.get(pk=row.pk).files == {}

    async def work() -> None:
        worker = tasks.worker_app()
        async with worker.open_async():
            await asyncio.wait_for(worker.run_worker_async(wait=False, install_signal_handlers=False), 60)

    asyncio.run(work())
    row = Paper.objects.get(pk=row.pk)
    assert sorted(row.files) == sorted(paper_files.NAMES)
    for name in paper_files.NAMES:
        content, _media = paper_files.paper_file(by=maker, paper=row.pk, name=name)
        assert hashlib.sha256(content).hexdigest() == row.files[name]["sha256"]
    kept, _media = paper_files.paper_file(by=maker, paper=row.pk, name="zh.docx")
    assert any("〔2021〕1号" in line for line in text_of(kept))
