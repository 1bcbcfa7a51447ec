"""A few registers for the interfaces' tests: units at known points, a token to read them by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from anlan.kernel.accounts import account_save, actor_of
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.kernel.tokens import RIGHTS, token_make
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Unit

START = datetime(2026, 5, 1, tzinfo=UTC)
PASSWORD = "x" * 12


def units_make(count: int, *, division: str = "410181100", west: float = 113.0, prefix: str = "A") -> None:
    """Lay `count` units down on a line going east from `west` at latitude 34.5, updated an hour apart."""
    Unit.objects.bulk_create(
        Unit(
            id=stable_id("unit", key := f"L:{prefix}{at:06}"),
            key=key,
            legacy_id=key[2:],
            division=division,
            name=f"示例加工厂{prefix}{at}",
            lon=west + at / 10_000,
            lat=34.5,
            industry="C13" if at % 2 else "F51",
            size="small",
            flags=1 if at % 3 == 0 else 0,
            phone=f"1380000{at:04}",
            principal="主要负责人",
            updated_at=START + timedelta(hours=at),
        )
        for at in range(count)
    )


def account_make(divisions: list[str], name: str = "reader", roles: tuple[str, ...] = ("duty",)) -> Account:
    return account_save(
        by=Actor.system("test"), username=name, name=name, divisions=divisions, roles=list(roles), password=PASSWORD
    )


def token_of(account: Account, rights: Any = None, rate: int = 60_000) -> str:
    """Return the secret of a token that reaches as far as its account."""
    wanted = list(rights or RIGHTS)
    return token_make(
        by=actor_of(account),
        account=account,
        name="test",
        divisions=account.divisions,
        rights=wanted,
        rate_per_min=rate,
    )[1]
