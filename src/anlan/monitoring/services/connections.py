"""Connections: by which ways stations are heard or asked. The gateway follows what is written here within seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import NotFound
from anlan.monitoring.events import ConnectionChanged
from anlan.monitoring.formats.connection_file import ConnectionSpec, check
from anlan.monitoring.models import Connection

ACT = "station.register"  # who may register stations may say how they are heard
_KEPT = ("name_zh", "name_en", "division", "protocol", "enabled", "settings", "mapping")


@transaction.atomic
def connections_save(*, by: Actor, specs: Sequence[ConnectionSpec], at: datetime | None = None) -> list[Connection]:
    """Make connections or change known ones; return them in the order given.

    Raises Invalid naming field, value and remedy, and Forbidden outside the actor's divisions. What is as it was is
    neither written nor recorded.
    """
    return [connection_save(by=by, spec=spec, at=at) for spec in specs]


@transaction.atomic
def connection_save(*, by: Actor, spec: ConnectionSpec, at: datetime | None = None) -> Connection:
    """Make a connection, or change the one of this code. See `connections_save`."""
    check(spec)
    by.must(ACT, spec.division)
    row = Connection.objects.select_for_update().filter(code=spec.code).first()
    if row is not None:
        by.must(ACT, row.division)
    fresh = {name: getattr(spec, name) for name in _KEPT}
    changed = sorted(fresh) if row is None else [name for name in sorted(fresh) if getattr(row, name) != fresh[name]]
    if row is not None and not changed:
        return row
    action = "made" if row is None else "changed"
    row = row or Connection(code=spec.code)
    for name, value in fresh.items():
        setattr(row, name, value)
    row.save()
    _tell(by, row, action, changed, at)
    return row


@transaction.atomic
def connection_enable(*, by: Actor, code: str, enabled: bool, at: datetime | None = None) -> Connection:
    """Switch a connection on or off. NotFound when it isn't within the actor's reach."""
    row = _locked(by, code)
    if row.enabled != enabled:
        row.enabled = enabled
        row.save(update_fields=["enabled"])
        _tell(by, row, "changed", ["enabled"], at)
    return row


@transaction.atomic
def connection_remove(*, by: Actor, code: str, at: datetime | None = None) -> None:
    """Take a connection away; stations, readings and frames that came by it stay. NotFound when it isn't there."""
    row = _locked(by, code)
    _tell(by, row, "removed", [], at)
    row.delete()


def _locked(by: Actor, code: str) -> Connection:
    row = Connection.objects.select_for_update().filter(code=code).first()
    if row is None or not by.scope.covers(row.division):
        raise NotFound(
            code="connection.unknown",
            zh=f"没有接入“{code}”；请核对代号。",
            en=f"There is no connection “{code}”; check its code.",
            field="code",
            value=code,
        )
    by.must(ACT, row.division)
    return row


def _tell(by: Actor, row: Connection, action: str, changed: list[str], at: datetime | None) -> None:
    name: dict[str, Any] = {"zh": row.name_zh, "en": row.name_en}
    event = ConnectionChanged(
        connection=row.code, action=action, protocol=row.protocol, name=name, enabled=row.enabled, changed=changed
    )
    record(event, by=by, about=f"connection:{row.code}", division=row.division, at=at or clock.now())
