"""Who is on duty, who holds what, and what is missing: read by pages, calls and the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from anlan.kernel.options import options


class OnDuty(NamedTuple):
    """Who answers for a post at a moment, as A or B; `shift` when the roster says so, None when by appointment.
    The telephones are in full: for channels, never for faces."""

    post_id: UUID
    holder: str
    person_id: UUID
    name: str
    phone: str
    phone_alt: str
    shift: UUID | None


_ON_DUTY = """
SELECT DISTINCT ON (x.post_id, x.holder) x.post_id, x.holder, n.id, n.name, n.phone, n.phone_alt, x.shift
FROM (
  SELECT post_id, holder, person_id, id AS shift, 0 AS rank, starts_at AS since FROM territory_shift
  WHERE post_id = ANY(%(posts)s) AND NOT cancelled AND starts_at <= %(at)s AND ends_at > %(at)s
  UNION ALL
  SELECT post_id, holder, person_id, NULL, 1, valid_from::timestamptz FROM territory_appointment
  WHERE post_id = ANY(%(posts)s) AND valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s)) x
JOIN territory_person n ON n.id = x.person_id AND n.state = 'active'
ORDER BY x.post_id, x.holder, x.rank, x.since DESC
"""


def on_duty(post_ids: Sequence[UUID], at: datetime) -> dict[UUID, dict[str, OnDuty]]:
    """Return post → holder → who answers at `at`: the turn of duty covering it, else the appointment of that day. One
    query. A post nobody answers for is left out; so is a holder who has left."""
    found: dict[UUID, dict[str, OnDuty]] = {}
    day = at.astimezone(ZoneInfo(str(options.time_zone))).date()
    with connection.cursor() as cursor:
        cursor.execute(_ON_DUTY, {"posts": list(post_ids), "at": at, "day": day})
        for row in cursor.fetchall():
            entry = OnDuty(*row)
            found.setdefault(entry.post_id, {})[entry.holder] = entry
    return found
