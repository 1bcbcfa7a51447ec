"""What the public feed lists at a moment, and when it last changed (对外发布清单). Pure.

A warning in force is listed until it expires; an update takes the place of what it updates; a cancellation is listed for
a while, so that readers who poll now and then learn that the danger is over. Exercises are never listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

# How long a cancellation stays listed. A poller that comes once a day still sees it (mark G).
CANCEL_KEPT: Final = timedelta(hours=24)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Issued:
    """One warning as it stands: `state` in_force, updated, cancelled or expired, since `state_at`.

    number: its CAP identifier; cancel_number: that of its cancel message, "" when there is none.
    """

    number: str
    follows: bool
    issued_at: datetime
    expires: datetime
    state: str
    state_at: datetime
    cancel_number: str
    headline_zh: str
    headline_en: str
    instruction_zh: str
    instruction_en: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of the feed: the warning behind it, its identifier, kind (Alert, Update, Cancel), and since when."""

    warning: Issued
    identifier: str
    kind: str
    since: datetime


def listed(warnings: Iterable[Issued], at: datetime) -> tuple[tuple[Listed, ...], datetime]:
    """The messages listed at `at`, newest first, and the moment the list last changed (1970 when it never did).

    The moment counts what came and what went: a feed that only lost an entry is a changed feed.
    """
    found: list[Listed] = []
    changed = _NEVER
    for warning in warnings:
        for begins, ends, message in _spans(warning):
            changed = max(changed, *(edge for edge in (begins, ends) if edge <= at), _NEVER)
            if begins <= at < ends:
                found.append(message)
    found.sort(key=lambda message: (message.since, message.identifier), reverse=True)
    return tuple(found), changed


def _spans(warning: Issued) -> Iterable[tuple[datetime, datetime, Listed]]:
    """From when until when each message of a warning is listed."""
    over = warning.expires if warning.state == "in_force" else min(warning.state_at, warning.expires)
    kind = "Update" if warning.follows else "Alert"
    yield warning.issued_at, over, Listed(warning, warning.number, kind, warning.issued_at)
    if warning.cancel_number:
        ends = warning.state_at + CANCEL_KEPT
        yield warning.state_at, ends, Listed(warning, warning.cancel_number, "Cancel", warning.state_at)
