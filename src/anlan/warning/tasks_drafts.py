"""The clock of urgent issues: after-checks that fall due."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.asking import asked
from anlan.warning.services.drafts_issue import after_checks_miss

# Asked at every round of every sweep: not through the ORM, which takes longer than the question.
_OWED = "SELECT min(after_due_at) FROM warning_draft WHERE urgent AND after_at IS NULL AND NOT after_late"


def sweep(now: datetime) -> int:
    """Record every after-check due at or before `now` and not made; returns how many."""
    return after_checks_miss(now)


def next_due() -> datetime | None:
    """The earliest after-check still owed and not yet recorded as missed."""
    found: datetime | None = asked(_OWED)[0]
    return found
