"""Rows a later stage of the chain brings for the territory's registers: organisations, posts, people in one go."""

from __future__ import annotations

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.territory.engine.spec import Part
from anlan.territory.services import laying_rows
from anlan.territory.services.copying import Copier


@transaction.atomic
def part_add(*, by: Actor, made: Part, checked: str, seed: int) -> dict[str, int]:
    """Write what was made for the registers by COPY; return rows per table. `checked`: ISO day the contacts were checked.

    The caller records the event: it knows what the rows are for. Forbidden without the act `territory.generate`.
    """
    for division in {row.division for row in made.organisations}:
        by.must("territory.generate", division)
    copier = Copier(laying_rows.TABLES)
    for name, rows in laying_rows.part_rows(made, seed=seed, checked=checked).items():
        copier.add(name, rows)
    copier.close()
    return {name: count for name, count in copier.counts.items() if count}
