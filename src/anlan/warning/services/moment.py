"""Two things every mass service needs: the exact moment a thing fell due, and the platform's own reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.scope import Scope


@contextmanager
def pinned(at: datetime) -> Iterator[None]:
    """One transaction that happens at `at`: the clock, ids and kept row versions all say so, however late it runs."""
    with transaction.atomic(savepoint=False), clock.at(at), _setting("anlan.now", at.isoformat()):
        yield


@contextmanager
def whole_reach() -> Iterator[None]:
    """Read and write as the platform itself, whoever asked.

    A county's issuer may not read the city's people, yet a silent call must climb to them: placing the calls is the
    platform's act, after the issuer's right was checked.
    """
    with _setting("anlan.scope", Scope.whole().token(options.secret_key)):
        yield


@contextmanager
def _setting(name: str, value: str) -> Iterator[None]:
    """Hold a database setting inside a transaction, and never longer: a connection that kept it would write later rows at a
    moment long past. When the block fails, the roll-back takes the setting back."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} may only be held inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true), set_config(%s, %s, true)", [name, name, value])
        before = cursor.fetchone()[0] or ""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, before])
