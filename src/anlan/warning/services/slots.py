"""What each way out sent in five minutes, and what it cost: counted where the result of messages is written."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

EVERY_MIN = 5
_ADD = """
INSERT INTO warning_channel_slot AS s (division, setting, at, handed, delivered, failed, parts, cost_fen)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (setting, at) DO UPDATE SET handed = s.handed + excluded.handed, delivered = s.delivered + excluded.delivered,
  failed = s.failed + excluded.failed, parts = s.parts + excluded.parts, cost_fen = s.cost_fen + excluded.cost_fen
"""


def slot_of(at: datetime) -> datetime:
    """The beginning of the five minutes `at` lies in."""
    return at.replace(minute=at.minute - at.minute % EVERY_MIN, second=0, microsecond=0)


def slot_add(
    *, setting: UUID, division: str, at: datetime, handed: int = 0, delivered: int = 0, failed: int = 0, parts: int = 0,
    cost_fen: float = 0.0,
) -> None:  # fmt: skip
    """Add to the five minutes of `at`. Call inside the transaction that writes the messages' results; one statement."""
    if any((handed, delivered, failed, parts, cost_fen)):
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [division, setting, slot_of(at), handed, delivered, failed, parts, cost_fen])
