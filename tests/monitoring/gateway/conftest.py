"""A gateway per test, on a database that is emptied between tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anlan.kernel.models import Account
from anlan.kernel.tokens import token_make
from anlan.monitoring.sources import directory
from tests.monitoring.gateway.running import BY, HeldLog, Running


@pytest.fixture
def running(transactional_db: None) -> Iterator[Running]:
    directory.forget()
    found = Running(HeldLog())
    yield found
    found.stop()
    directory.forget()


@pytest.fixture
def secret(transactional_db: None) -> str:
    account = Account.objects.create_user("gw", name="网关", divisions=["4101"], roles=["gateway"])
    return token_make(by=BY, account=account, name="gw", divisions=["4101"], rights=["monitoring.write"])[1]
