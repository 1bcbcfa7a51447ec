"""The console's state: what the stages' live projections say, in one snapshot of the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock, live
from anlan.kernel.scope import Scope

Items = dict[str, dict[str, dict[str, Any]]]

#: What the duty page shows; the map reads everything.
DUTY = ("station", "signal", "warning", "proposal", "levelproposal", "level", "task", "incident", "stopline")


def whole(scope: Scope, at: datetime | None = None) -> dict[str, Any]:
    """The whole state in `scope`, now or as it stood at `at`: `{"seq", "clock", "at", "items"}`."""
    with transaction.atomic():
        _one_snapshot()
        body = live.state(scope, at)
    return {**body, "at": at.isoformat() if at else None}


def part(scope: Scope, names: Iterable[str], at: datetime | None = None) -> Items:
    """The named collections alone, for a page that needs no more; a collection nobody projects is empty."""
    known = live.projections()
    with transaction.atomic():
        _one_snapshot()
        return {name: known[name].project(scope, None, at) if name in known else {} for name in names}


def moment(text: str | None) -> datetime | None:
    """The moment of an `at=` query, aware; None for now. A text that is no ISO time counts as now."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=clock.BEIJING)


def _one_snapshot() -> None:
    """Let every query of this read see the same moment. Inside an outer transaction its own level stands."""
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
