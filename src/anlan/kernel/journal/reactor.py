"""Reactions: a later stage acts on an earlier stage's sealed event, after commit, in order, exactly once.

The cursor over the sealed journal moves in the same transaction as what the reactions write. A reaction that fails
is rolled back alone, parked with its error and tried again; it never stops the facts behind it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal.event import KINDS, Event
from anlan.kernel.journal.record import record
from anlan.kernel.models import Parked, Reactor

BATCH = 5000
log = structlog.get_logger()


@dataclass(frozen=True)
class EntryRow:
    """A sealed journal entry as reactions and readers get it."""

    seq: int
    uid: UUID
    kind: str
    version: int
    about: str
    division: str
    at: datetime
    actor: dict[str, Any]
    data: dict[str, Any]

    def event(self) -> Event:
        """Return the typed event."""
        return msgspec.convert(self.data, KINDS[self.kind])


@dataclass(frozen=True)
class Reaction:
    """One subscription."""

    kind: str
    name: str
    call: Callable[..., None]
    batch: bool


_reactions: dict[str, list[Reaction]] = {}


def react(event: type[Event], *, batch: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Subscribe `f(event, entry)`; with `batch`, `f([(event, entry), …])` gets consecutive entries of the kind."""

    def subscribe(call: Callable[..., None]) -> Callable[..., None]:
        name = f"{call.__module__}.{call.__qualname__}"
        found = _reactions.setdefault(event.kind, [])
        if all(reaction.name != name for reaction in found):
            found.append(Reaction(event.kind, name, call, batch))
        return call

    return subscribe


@transaction.atomic(savepoint=False)
def run_once(*, strict: bool = False) -> int:
    """Run the reactions to the next sealed entries; return how many entries were passed. `strict` raises failures."""
    after, upto = _reach()
    if upto == after:
        return 0
    entries = entries_between(after, upto, list(_reactions))
    for kind, group in groupby(entries, key=lambda entry: entry.kind):
        items = [(entry.event(), entry) for entry in group]
        for reaction in _reactions[kind]:
            _apply(reaction, items, strict)
    if entries:  # else nothing was called that could have written
        rows_tell()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_reactor SET seq = %s WHERE id = 1", [upto])
    return upto - after


def _reach() -> tuple[int, int]:
    """Lock the cursor and return how far the reactions are, and how far this run shall go (seals have no gaps)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.seq, coalesce((SELECT seq FROM kernel_seal ORDER BY seq DESC LIMIT 1), 0)"
            " FROM kernel_reactor r WHERE r.id = 1 FOR UPDATE"
        )
        row = cursor.fetchone()
    if row is None:
        Reactor.objects.get_or_create(id=1)
        return _reach()
    return row[0], max(row[0], min(row[1], row[0] + BATCH))


class RowsKept(Event, kind="journal.rows_kept"):
    """Reactions wrote rows without an event of their own; their versions are sealed here. rows: how many."""

    rows: int


def rows_tell() -> None:
    """Give row versions that no event of this act tells of an entry to be sealed under."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_change WHERE act = anlan_act()"
            " AND NOT EXISTS (SELECT 1 FROM kernel_entry WHERE act = anlan_act())"
        )
        rows = cursor.fetchone()[0]
    if rows:
        record(RowsKept(rows=rows), by=Actor.system("journal"), about="journal:rows", division="")


def run_until_quiet(*, strict: bool = False) -> None:
    """Seal and react until nothing new appears."""
    from anlan.kernel.journal.seal import seal

    seal()
    while run_once(strict=strict):
        seal()


def retry_parked() -> int:
    """Try parked reactions again, oldest first; return how many succeeded."""
    done = 0
    for parked in Parked.objects.order_by("id")[:100]:
        found = [r for rs in _reactions.values() for r in rs if r.name == parked.reaction]
        entry = next(iter(entries_between(parked.seq - 1, parked.seq)), None)
        if not found or entry is None:
            continue
        try:
            with transaction.atomic():
                _call_all(found[0], [(entry.event(), entry)])
                parked.delete()
                done += 1
        except Exception:
            Parked.objects.filter(id=parked.id).update(tries=parked.tries + 1, error=traceback.format_exc()[-2000:])
    return done


def entries_between(after: int, upto: int | None = None, kinds: list[str] | None = None) -> list[EntryRow]:
    """Return sealed entries with `after` < seq <= `upto`, in order, optionally of some kinds only."""
    sql = (
        "SELECT s.seq, e.uid, e.kind, e.version, e.about, e.division, e.at, e.actor, e.data"
        " FROM kernel_seal s JOIN kernel_entry e ON e.id = s.entry_id WHERE s.seq > %s"
    )
    params: list[Any] = [after]
    if upto is not None:
        sql += " AND s.seq <= %s"
        params.append(upto)
    if kinds is not None:
        sql += " AND e.kind = ANY(%s)"
        params.append(kinds)
    with connection.cursor() as cursor:
        cursor.execute(sql + " ORDER BY s.seq", params)
        return [EntryRow(*row[:7], *(_json(value) for value in row[7:])) for row in cursor.fetchall()]


def _json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def _apply(reaction: Reaction, items: list[tuple[Event, EntryRow]], strict: bool) -> None:
    """Run one reaction over its entries in one savepoint; if any fails, again one by one, parking those that fail."""
    try:
        with transaction.atomic():
            _call_all(reaction, items)
    except Exception:
        if strict:
            raise
        for item in items:
            _try_one(reaction, item)


def _try_one(reaction: Reaction, item: tuple[Event, EntryRow]) -> None:
    try:
        with transaction.atomic():
            _call_all(reaction, [item])
    except Exception as failure:
        seq, error = item[1].seq, traceback.format_exc()[-2000:]
        log.error("reaction.parked", reaction=reaction.name, seq=seq, error=str(failure))
        Parked.objects.create(reaction=reaction.name, seq=seq, error=error, parked_at=clock.now())


def _call_all(reaction: Reaction, items: list[tuple[Event, EntryRow]]) -> None:
    if reaction.batch:
        with clock.at(items[-1][1].at):
            reaction.call(items)
        return
    for event, entry in items:
        with clock.at(entry.at):
            reaction.call(event, entry)
