"""What follows an import: regulators of units that changed, pairs that may be one and the same, the index made fresh.

The import itself is done; what fails here is logged and done by the daily looks of the same services.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from anlan.kernel.actor import Actor
from anlan.territory.models import Import, Kept
from anlan.territory.services.imports_progress import Progress
from anlan.territory.services.merging import duplicates_find
from anlan.territory.services.regulators import regulators_assign
from anlan.territory.services.snapshots import snapshots_refresh
from anlan.territory.sources.place_columns import attribute_fields

log = structlog.get_logger()
ALIKE = ("units", "places", "persons")  # registers in which pairs are looked for


def fields_of(batch: Import) -> list[str]:
    """Return the fields that the columns of an import's file fill."""
    named = [name for name in batch.mapping.values() if name]
    attributes = ["attributes"] if set(named) & set(attribute_fields(batch.register)) else []
    extra = (
        ["extra"]
        if batch.register == "units" and batch.options.get("keep_extra") and "" in batch.mapping.values()
        else []
    )
    return [*named, *attributes, *extra]


def follow_up(batch: Import, by: Actor, progress: Progress) -> None:
    """Do what follows, each step by itself."""
    wrote = batch.counts.get("new", 0) + batch.counts.get("changed", 0)
    if wrote and batch.register == "units" and batch.counts.get("changed"):
        _step(batch, progress, "regulators", lambda: _regulators(batch))
    if wrote and batch.state == "done":
        _step(batch, progress, "duplicates", lambda: _duplicates(batch))
    if wrote:
        _step(batch, progress, "index", lambda: snapshots_refresh())


def _step(batch: Import, progress: Progress, name: str, work: Callable[[], Any]) -> None:
    progress.step(name)
    try:
        work()
    except Exception as failure:
        log.error(
            "import.follow_up_failed", batch=str(batch.pk), step=name, error=f"{type(failure).__name__}: {failure}"
        )


def _regulators(batch: Import) -> None:
    """Let the rules decide anew on units whose industry, flags or size the file may have changed."""
    rows = list(Kept.objects.filter(batch=batch.pk).values_list("row", flat=True))
    regulators_assign(by=Actor.system("territory"), units=rows)


def _duplicates(batch: Import) -> None:
    """Have pairs that may be one and the same proposed to a person; none is merged."""
    if batch.register in ALIKE:
        duplicates_find(by=Actor.system("territory"), register=batch.register)
