"""The `anlan generate` command: a territory into the database, or its units into a file."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from anlan.territory.codes import TOWNSHIP
from anlan.territory.engine.land import Note
from anlan.territory.engine.pace import Pace
from anlan.territory.engine.spec import World
from anlan.territory.engine.staffing import TOTALS

SAY_EVERY_S = 1.0
CATEGORIES = 8  # of survey records
SCALED = (
    "production_units", "risk_survey_records", "professional_teams", "social_rescuers", "reserve_capacity_people",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    profile: str
    seed: int
    territory: Path | None = None
    root: str = ""
    units: int | None = None
    scale: float = 1.0
    dirty: float = 0.0


class Progress:
    """Says on stderr, once a second, how far a long step is, how fast and how long still."""

    def __init__(self) -> None:
        self.step, self.said = "", 0.0
        self.pace = Pace(0, 0.0)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note that `done` of `total` are made."""
        now = time.monotonic()
        if step != self.step:
            self.step, self.pace = step, Pace(total, now, first=done)
        self.pace.done, self.pace.total = done, total
        if now - self.said >= SAY_EVERY_S or done == total:
            self.said = now
            typer.echo(self.pace.line(step, now), err=True)


def into_file(wish: Wish, file: Path) -> None:
    """Write units into a spreadsheet, those of the profile's own divisions; needs no database. A small profile has no number
    of units of its own: --units says it."""
    from anlan.territory.sources import embedded
    from anlan.territory.sources.lands import large_world
    from anlan.territory.sources.unit_files import units_file

    profile = embedded.profile(wish.profile)
    notes: tuple[Note, ...] = ()
    if profile.scale:
        world, land = large_world(profile, wish.seed, wish.territory, wish.root)
        notes = land.notes
    else:
        world = embedded.world(wish.profile, wish.seed)
    total = round(world.profile.totals.get("production_units", 0) * wish.scale) if wish.units is None else wish.units
    written = units_file(world, file, total=total, dirty=wish.dirty, say=Progress())
    said = {"profile": wish.profile, "seed": wish.seed, "root": world.profile.root}
    _print({**written._asdict(), **said, "notes": [note._asdict() for note in notes]})


def into_database(wish: Wish) -> int:
    """Lay down the territory and what later stages keep of it, all or nothing; 1 when a total is not met."""
    from django.db import transaction

    from anlan.site.generated_totals import totals
    from anlan.territory.services import Order, generate
    from anlan.territory.sources import embedded
    from anlan.territory.sources.lands import large_world

    order, say, chosen = Order(wish.territory, wish.root, wish.units, wish.scale, wish.dirty), Progress(), None
    with transaction.atomic():
        made = generate(wish.profile, wish.seed, order=order, say=say)
        if embedded.profile(wish.profile).scale:
            chosen = large_world(embedded.profile(wish.profile), wish.seed, wish.territory, wish.root, wish.scale)[0]
            wanted = wanted_of(chosen, wish)
            if made.changed:
                _later_stages(chosen, wanted, wish.seed, say)
    if chosen is None:
        _print(made._asdict())
        return 0
    found = totals(chosen, wanted)
    _snapshots(made.changed)
    _print({**made._asdict(), "totals": [total._asdict() for total in found]})
    return 0 if all(total.equal for total in found) else 1


def wanted_of(world: World, wish: Wish) -> dict[str, int]:
    """Return the totals to meet: the profile's or the territory's own, times the scale; of divisions what the lists hold."""
    stated = world.profile.totals
    found = {name: round(stated[name] * wish.scale) for name in SCALED if name in stated}
    found |= {name: stated[name] for name in TOTALS if name in stated}  # the world is scaled already
    if wish.units is not None:
        found["production_units"] = wish.units
    townships = sum(unit.level == TOWNSHIP and unit.kind != "quasi" for unit in world.units.values())
    found["townships_with_teams"] = min(round(stated.get("townships", townships)), townships)
    if "special_plans" in stated:
        found["special_plans"] = stated["special_plans"]
    if found.get("risk_survey_records", 0) >= CATEGORIES:
        found["risk_survey_categories"] = CATEGORIES
    return found


def _later_stages(world: World, wanted: dict[str, int], seed: int, say: Progress) -> None:
    """Call the generating services of the stages after the territory, in the order of the chain."""
    from anlan.kernel.actor import Actor
    from anlan.relief.services import stock_generate
    from anlan.rescue.engine.teams import Wanted
    from anlan.rescue.services import teams_generate
    from anlan.response.services import titles_generate
    from anlan.risk.services import survey_generate
    from anlan.territory.sources.trades import unit_mix

    by, root = Actor.system("site"), world.profile.root
    if records := wanted.get("risk_survey_records"):
        survey_generate(by=by, root=root, total=records, seed=seed, say=say)
    if plans := wanted.get("special_plans"):
        titles_generate(by=by, root=root, special=plans)
    forces = Wanted(
        wanted.get("professional_teams", 0), wanted.get("social_rescuers", 0), wanted["townships_with_teams"]
    )
    teams_generate(by=by, root=root, wanted=forces, seed=seed, say=say)
    if people := wanted.get("reserve_capacity_people"):
        stock_generate(by=by, root=root, people=people, seed=seed, as_of=unit_mix().as_of, say=say)


def _snapshots(changed: bool) -> None:
    """Have the finding index made now, so that the first page need not ask the database for everything."""
    from anlan.territory.services.snapshots import snapshots_refresh

    if changed:
        snapshots_refresh()


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
    sys.stdout.flush()
