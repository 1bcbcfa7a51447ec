"""Laying down a generated territory: all tables by COPY in one transaction, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.engine.generate import digest, whole
from anlan.territory.engine.keys import stable_id
from anlan.territory.engine.spec import World
from anlan.territory.events import TerritoryGenerated
from anlan.territory.models import Division, Generation, Organisation, Person, Place, Post, Unit
from anlan.territory.services.laying import Order, Say, dirt_report, lay_down, profile_mark
from anlan.territory.services.load import analyse, boundary_rows, copy_in, division_rows, generated_rows
from anlan.territory.sources import embedded
from anlan.territory.sources.lands import large_world

LOCK = "anlan.territory.generate"


class Generated(NamedTuple):
    """What `generate` did: `changed` is False when the same territory was there already."""

    profile: str
    seed: int
    changed: bool
    counts: dict[str, int]
    sha256: str
    root: str = ""
    dirty: dict[str, int] | None = None
    notes: list[dict[str, str]] | None = None


@transaction.atomic
def generate(
    profile: str,
    seed: int,
    *,
    by: Actor | None = None,
    at: datetime | None = None,
    order: Order | None = None,
    say: Say | None = None,
) -> Generated:
    """Lay down the territory of a profile and seed; a second run with the same changes nothing and says so.

    `order` (large profiles only): a territory folder, its root, other numbers, dirt. `say`: told how far it is.
    NotFound for an unknown profile, Forbidden without the act `territory.generate`, Conflict when another territory
    (or another seed) is there: a database holds one. Invalid for an order a small profile can't meet.
    """
    actor, wanted = by or Actor.system("territory"), order or Order()
    chosen = embedded.profile(profile)
    if not chosen.scale and wanted != Order():
        raise _small_as_it_is(profile)
    large = large_world(chosen, seed, wanted.territory, wanted.root, wanted.scale) if chosen.scale else None
    world = large[0] if large else embedded.world(profile, seed)
    actor.must("territory.generate", world.profile.root)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])
    name = profile_mark(world, wanted)
    there = Generation.objects.order_by("generated_at").last()
    if there is not None:
        _must_be_same(there, world, name)
        return Generated(profile, seed, False, there.counts, there.sha256)
    _must_be_empty()
    if large is None:
        return _lay_down(actor, world, at or clock.now())
    laid = lay_down(actor, world, large[1], wanted, at or clock.now(), say)
    dirty: dict[str, int] = {}
    for _, item in laid.dirty:
        dirty[item.kind] = dirty.get(item.kind, 0) + 1
    if laid.dirty:
        dirt_report(options.home_path / "generated" / f"{name}-{seed}.dirty.csv", laid.dirty)
    notes = [note._asdict() for note in large[1].notes]
    return Generated(profile, seed, True, laid.counts, laid.sha256, world.profile.root, dirty, notes)


def profile_summary() -> dict[str, Any] | None:
    """Return profile, version, seed, counts, sha256 and time of the territory laid down; None when there is none."""
    fields = ("profile", "version", "seed", "counts", "sha256", "generated_at")
    found: dict[str, Any] | None = Generation.objects.order_by("generated_at").values(*fields).last()
    return found


def _lay_down(actor: Actor, world: World, at: datetime) -> Generated:
    divisions, made = division_rows(world), whole(world)
    tables = {"divisions": divisions, "boundaries": boundary_rows(), **generated_rows(made)}
    counts = {name: len(rows) for name, rows in tables.items()}
    found = digest(made, divisions)
    for name, rows in tables.items():
        copy_in(name, rows)
    analyse()
    root, chosen = world.profile.root, world.profile
    Generation.objects.create(
        id=stable_id("generation", f"{chosen.name}|{chosen.version}|{world.seed}"),
        division=root,
        profile=chosen.name,
        version=chosen.version,
        seed=world.seed,
        sha256=found,
        counts=counts,
        generated_at=at,
    )
    event = TerritoryGenerated(profile=chosen.name, seed=world.seed, counts=counts, sha256=found)
    record(event, by=actor, about=f"territory:{root}", division=root, at=at)
    return Generated(chosen.name, world.seed, True, counts, found)


def _small_as_it_is(profile: str) -> Invalid:
    return Invalid(
        code="territory.small_profile",
        zh=f"模板“{profile}”不能换区划目录或数量；请用 heze、henan 或 stress。",
        en=f"The profile “{profile}” takes no folder and no other numbers; use heze, henan or stress.",
        field="profile",
        value=profile,
    )


def _must_be_same(there: Generation, world: World, name: str) -> None:
    wanted = (name, world.profile.version, world.seed)
    if (there.profile, there.version, there.seed) != wanted:
        raise Conflict(
            code="territory.other_there",
            zh=f"库中已有区域“{there.profile}”（种子{there.seed}）；请换一个空库，或用相同的模板和种子。",
            en=f"The territory “{there.profile}” (seed {there.seed}) is here already; take an empty database, or the"
            " same profile and seed.",
            field="profile",
            value=world.profile.name,
        )


def _must_be_empty() -> None:
    for model in (Division, Organisation, Post, Person, Place, Unit):
        if model._default_manager.exists():
            raise Conflict(
                code="territory.not_empty",
                zh=f"表 {model._meta.db_table} 已有数据；请换一个空库再生成。",
                en=f"The table {model._meta.db_table} has rows already; generate into an empty database.",
                field="profile",
                value=model._meta.db_table,
            )
