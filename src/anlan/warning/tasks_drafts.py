"""The clock of urgent issues: after-checks that fall due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from anlan.warning.models import WarningDraft
from anlan.warning.services.drafts_issue import after_checks_miss


def sweep(now: datetime) -> int:
    """Record every after-check due at or before `now` and not made; returns how many."""
    return after_checks_miss(now)


def next_due() -> datetime | None:
    """The earliest after-check still owed and not yet recorded as missed."""
    owed = WarningDraft.objects.filter(urgent=True, after_at=None, after_late=False)
    found: datetime | None = owed.aggregate(first=Min("after_due_at"))["first"]
    return found
