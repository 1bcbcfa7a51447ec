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
from anlan.kernel.journal.seal import LOCK
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    state = Reactor.objects.select_for_update().filter(id=1).first() or Reactor.objects.create(id=1)
    entries, upto = _entries(state.seq)
    if upto == state.seq:
        return 0
    for kind, group in groupby(entries, key=lambda entry: entry.kind):
        items = [(entry.event(), entry) for entry in group]
        for reaction in _reactions[kind]:
            _apply(reaction, items, strict)
    rows_tell()
    passed = upto - state.seq
    state.seq = upto
    state.save()
    return passed


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


def _entries(after: int) -> tuple[list[EntryRow], int]:
    """Return the next entries somebody reacts to, and the sequence up to which nothing else is of interest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(seq) FROM (SELECT seq FROM kernel_seal WHERE seq > %s ORDER BY seq LIMIT %s) s",
            [after, BATCH],
        )
        upto = cursor.fetchone()[0]
    if upto is None:
        return [], after
    return entries_between(after, upto, list(_reactions)), upto


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
