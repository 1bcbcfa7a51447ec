"""The console's state: what the stages' live projections say, in one snapshot of the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel import clock, live
from anlan.kernel.journal import head
from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.site.console import kept

Items = dict[str, dict[str, dict[str, Any]]]

#: What the duty page shows; the map reads everything.
DUTY = ("station", "signal", "warning", "proposal", "levelproposal", "level", "task", "incident", "stopline")


def whole(scope: Scope, at: datetime | None = None) -> dict[str, Any]:
    """The whole state in `scope`, now or as it stood at `at`: `{"seq", "clock", "at", "items"}`."""
    known = live.projections()
    with transaction.atomic():
        _one_snapshot()
        seq, written = head()[0], _written()
        items = {name: kept.project(name, known[name], scope, at, written) for name in sorted(known)}
        now = live.clock_state()
    return {"seq": seq, "clock": now, "at": at.isoformat() if at else None, "items": items}


def part(scope: Scope, names: Iterable[str], at: datetime | None = None) -> Items:
    """The named collections alone, for a page that needs no more; a collection nobody projects is empty."""
    known = live.projections()
    with transaction.atomic():
        _one_snapshot()
        written = _written()
        return {name: kept.project(name, known[name], scope, at, written) if name in known else {} for name in names}


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


def _written() -> tuple[int, int]:
    """How far the journal has come: the last sealed sequence and the last entry written, sealed or not."""
    last = Entry.objects.order_by("-id").values_list("id", flat=True).first()
    return head()[0], last or 0
