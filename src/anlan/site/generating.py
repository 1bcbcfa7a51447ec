"""The `anlan generate` command: a territory into the database, or its units into a file."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from anlan.territory.engine.pace import Pace

SAY_EVERY_S = 1.0


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
    """Write the units of a large profile into a spreadsheet; needs no database."""
    from anlan.territory.sources import embedded
    from anlan.territory.sources.lands import large_world
    from anlan.territory.sources.unit_files import units_file

    world, land = large_world(embedded.profile(wish.profile), wish.seed, wish.territory, wish.root)
    total = round(world.profile.totals.get("production_units", 0) * wish.scale) if wish.units is None else wish.units
    written = units_file(world, file, total=total, dirty=wish.dirty, say=Progress())
    notes = [{"about": note.about, "zh": note.zh, "en": note.en} for note in land.notes]
    _print(
        {**written._asdict(), "profile": wish.profile, "seed": wish.seed, "root": world.profile.root, "notes": notes}
    )


def into_database(wish: Wish) -> int:
    """Lay down the territory and say what was made; 1 when a total is not met."""
    from anlan.territory.services import Order, generate

    order = Order(wish.territory, wish.root, wish.units, wish.scale, wish.dirty)
    _print(generate(wish.profile, wish.seed, order=order, say=Progress())._asdict())
    return 0


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
    sys.stdout.flush()
