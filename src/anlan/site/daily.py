"""What is done once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anlan.kernel.journal.checkpoint import checkpoint
from anlan.kernel.models import Checkpoint


def daily() -> None:
    """Sign the journal's head when the last signature is a day old by the wall clock."""
    last = Checkpoint.objects.order_by("-seq").values_list("signed_at", flat=True).first()
    if last is None or datetime.now(UTC) - last > timedelta(days=1):
        checkpoint()
