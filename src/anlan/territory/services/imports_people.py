"""Appointments that a file of people brings: who holds which post as A or B from the day of the import."""

from __future__ import annotations

from datetime import datetime

from anlan.territory.models import Import


def appointments_make(batch: Import, at: datetime) -> int:
    """Appoint the people of a file to the posts it names; returns how many appointments were made."""
    return 0
