"""What follows an import: regulators for units without one, pairs that may be one and the same, the index made fresh."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from anlan.kernel.actor import Actor
from anlan.territory.models import Import
from anlan.territory.services.imports_progress import Progress
from anlan.territory.sources.place_columns import attribute_fields


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
    """Do what follows; the import itself is done, and what fails here is done by the daily sweep."""
