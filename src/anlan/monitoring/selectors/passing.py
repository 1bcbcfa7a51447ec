"""Whether a signal is passed on, for the stages that act on signals."""

from __future__ import annotations

from uuid import UUID

from anlan.monitoring.models import Signal


def held_back(signal: UUID) -> bool:
    """Is this signal held back now? One query."""
    return Signal.objects.filter(id=signal).exclude(muted="").exists()
