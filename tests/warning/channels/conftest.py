"""A post room per test, on a database that is emptied between tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from anlan.kernel import ids
from anlan.kernel.options import options
from anlan.territory.models import Person
from tests.warning.channels.posting import Post, WebGateway


@pytest.fixture
def post(transactional_db: None, tmp_path: Path) -> Iterator[Post]:
    found = Post(tmp_path / "senders")
    yield found
    found.stop()


@pytest.fixture
def web(transactional_db: None) -> Iterator[WebGateway]:
    found = WebGateway()
    yield found
    found.close()


@pytest.fixture
def persons(transactional_db: None) -> Callable[[int], list[UUID]]:
    """So many people with telephones 13900000000 and on."""

    def made(count: int) -> list[UUID]:
        rows = [
            Person(id=ids.new_id(), division="410181100201", code=f"P{n:06d}", name="值班员", phone=f"139{n:08d}")
            for n in range(count)
        ]
        Person.objects.bulk_create(rows)
        return [row.id for row in rows]

    return made


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Keep secrets as the environment would."""

    def kept(**values: str) -> None:
        environ = {**options._environ, **{f"ANLAN_SECRET_{k.upper()}": v for k, v in values.items()}}
        monkeypatch.setattr(options, "_environ", environ)

    return kept
