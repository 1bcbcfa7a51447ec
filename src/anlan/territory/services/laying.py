"""Laying down a large territory: streamed by COPY in one transaction, with a count and a hash per table."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.territory.engine.dirt import Dirty
from anlan.territory.engine.generate import make_plan, part
from anlan.territory.engine.keys import stable_id
from anlan.territory.engine.land import Land
from anlan.territory.engine.spec import Part, World
from anlan.territory.events import TerritoryGenerated, TerritoryTablesLaid
from anlan.territory.models import Generation
from anlan.territory.services import laying_rows, laying_units
from anlan.territory.services.ahead import ahead
from anlan.territory.services.copying import Copier

Say = Callable[[str, int, int], None]
PARTS = 400  # divisions made before their rows are handed on
NAME = 32


class Order(NamedTuple):
    """What is wanted beside profile and seed: a territory folder, its root, other numbers, a share of dirty units."""

    territory: Path | None = None
    root: str = ""
    units: int | None = None
    scale: float = 1.0
    dirty: float = 0.0

    def mark(self) -> str:
        """Return eight letters that stand for the order, "" for the plain one."""
        if self == Order():
            return ""
        text = json.dumps([str(self.territory), *self[1:]], default=str)
        return "@" + hashlib.sha256(text.encode()).hexdigest()[:8]


class Laid(NamedTuple):
    """What was laid down: rows and hash per table, the hash over all, the dirty units."""

    counts: dict[str, int]
    hashes: dict[str, str]
    sha256: str
    dirty: list[tuple[str, Dirty]]


def lay_down(
    actor: Actor, world: World, land: Land, order: Order, at: datetime, say: Callable[[str, int, int], None] | None
) -> Laid:
    """Write all tables in the caller's transaction, and the Generation row and the journal's entries with them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a chunk's row versions are kept in memory, not in files
    copier = Copier(laying_rows.TABLES | laying_units.TABLES)
    copier.add("divisions", list(laying_rows.division_rows(world, land)))
    copier.add("boundaries", laying_rows.boundary_rows(world, land))
    _parts(world, copier, say)
    units = units_wanted(world, order)
    dirty = laying_units.lay_units(world, copier, units, at, order.dirty, say) if units else []
    copier.close()
    _analyse(copier)
    hashes = copier.digests()
    whole = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    laid = Laid(copier.counts, hashes, whole, dirty)
    _recorded(actor, world, order, laid, at)
    return laid


def units_wanted(world: World, order: Order) -> int:
    """Return how many production units an order makes."""
    stated = round(world.profile.totals.get("production_units", 0) * order.scale)
    return stated if order.units is None else order.units


def profile_mark(world: World, order: Order) -> str:
    """Return the name a generation is known by: the profile's, and a mark of what was ordered beside it."""
    return (world.profile.name + order.mark())[:NAME]


def dirt_report(path: Path, dirty: list[tuple[str, Dirty]]) -> None:
    """Write the list of dirty units as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(("township", "index", "key", "kind", "field", "before", "after"))
        write.writerows((township, *item) for township, item in dirty)


def _parts(world: World, copier: Copier, say: Say | None) -> None:
    for number, tables in ahead(_made(world)):
        for name, rows in tables.items():
            copier.add(name, rows)
        if say:
            say("divisions with posts, people, places", number, len(world.units))


def _made(world: World) -> Iterator[tuple[int, dict[str, laying_rows.Rows]]]:
    """Yield how many divisions are made, and their rows."""
    plan, gathered = make_plan(world), Part()
    for number, code in enumerate(world.units, start=1):
        gathered.extend(part(world, plan, code))
        if number % PARTS == 0 or number == len(world.units):
            yield number, laying_rows.part_rows(gathered, seed=world.seed, checked=world.profile.valid_from)
            gathered = Part()


def _analyse(copier: Copier) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(table for table, _ in copier.tables.values()))


def _recorded(actor: Actor, world: World, order: Order, laid: Laid, at: datetime) -> None:
    root, chosen = world.profile.root, world.profile
    name = profile_mark(world, order)
    Generation.objects.create(
        id=stable_id("generation", f"{name}|{chosen.version}|{world.seed}"),
        division=root,
        profile=name,
        version=chosen.version,
        seed=world.seed,
        sha256=laid.sha256,
        counts=laid.counts,
        generated_at=at,
    )
    about = f"territory:{root}"
    made = TerritoryGenerated(profile=name, seed=world.seed, counts=laid.counts, sha256=laid.sha256)
    record(made, by=actor, about=about, division=root, at=at)
    tables = TerritoryTablesLaid(profile=name, seed=world.seed, counts=laid.counts, hashes=laid.hashes)
    record(tables, by=actor, about=about, division=root, at=at)
