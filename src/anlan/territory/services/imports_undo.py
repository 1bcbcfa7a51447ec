"""The third act: taking an import back."""

from __future__ import annotations

from anlan.kernel.actor import Actor
from anlan.territory.models import Import
from anlan.territory.services.imports_progress import Progress


def undo_run(batch: Import, by: Actor, progress: Progress) -> None:
    """Put back what the import replaced."""
    raise NotImplementedError
