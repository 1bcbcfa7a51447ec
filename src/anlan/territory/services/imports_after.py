"""What follows an import: regulators of units that changed, and the look for pairs that may be one and the same.

The import itself is done; what fails here is logged and done by the nightly looks of the same services.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from anlan.kernel.actor import Actor
from anlan.territory.models import Import, Kept
from anlan.territory.services.imports_progress import Progress
from anlan.territory.services.regulators import regulators_assign
from anlan.territory.sources.place_columns import attribute_fields

log = structlog.get_logger()
LOOK = "anlan.duplicates"
ALIKE = ("units", "places", "persons")  # registers in which pairs are looked for
AT_ONCE = 20_000  # rows; what follows more is done by the worker
SEARCH = "anlan.duplicates"


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


def follow_up(batch: Import, progress: Progress) -> None:
    """Have the rules decide anew on units whose industry, flags or size the file changed, and queue the look for pairs
    that may be one and the same. The finding index is made anew by the worker's own loop; until then what was written
    is laid over it."""
    if batch.register == "units" and batch.state == "done" and batch.counts.get("changed"):
        progress.step("regulators", batch.counts["changed"])
        rows = list(Kept.objects.filter(batch=batch.pk, undone=False).values_list("row", flat=True))
        _try(batch, "regulators", lambda: regulators_assign(by=Actor.system("territory"), units=rows))
    if batch.register in ALIKE and batch.counts.get("new", 0) + batch.counts.get("changed", 0):
        _try(batch, "duplicates", _look_for_pairs)


def _look_for_pairs() -> None:
    with suppress(AlreadyEnqueued):
        app.configure_task(LOOK, queueing_lock=LOOK).defer(timestamp=0)


def _try(batch: Import, name: str, work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception as failure:
        log.error(
            "import.follow_up_failed", batch=str(batch.pk), step=name, error=f"{type(failure).__name__}: {failure}"
        )
