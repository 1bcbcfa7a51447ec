"""Keeping the tally of calls short: no clock of its own, done whenever the sweeper comes by and there is enough of it."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel import clock
from anlan.warning.services.tally import tally_fold, tally_loose


def sweep(now: datetime) -> int:
    """Fold the tally; nothing of it is told, for no figure changes."""
    return tally_fold() and 0


def next_due() -> datetime | None:
    """Now, when there are many loose rows; else never."""
    return clock.now() if tally_loose() else None
