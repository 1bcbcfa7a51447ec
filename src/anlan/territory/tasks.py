"""The stage's own clock: once a day, shortly after local midnight, a look at people, contacts, licences and what must be
forgotten. All in one act, told of by one event; a node that slept makes up for it with one look, not with many."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.asking import asked
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.territory.events_care import Looked
from anlan.territory.services.contacts import rounds_look
from anlan.territory.services.gaps import gaps_look
from anlan.territory.services.licences import licences_look
from anlan.territory.services.purging import people_purge
from anlan.territory.sources.care_rules import pack

SYSTEM: Final = Actor.system("territory")
# The journal itself says when the last look was; before the first one, the day the journal began counts.
_LAST = """
SELECT coalesce((SELECT max(at) FROM kernel_entry WHERE kind = 'territory.looked'),
  (SELECT at FROM kernel_entry ORDER BY id LIMIT 1))
"""


def next_due() -> datetime | None:
    """Return when the next look falls due: the first look time after the last look; None in an empty database."""
    last: datetime | None = asked(_LAST)[0]
    return None if last is None else _after(last)


def sweep(now: datetime) -> int:
    """Look once, as of the latest look time at or before `now`; return how many things were done."""
    with connection.cursor() as cursor:  # two workers may come to this line together: the second finds nothing due
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('anlan.territory.look'))")
    due = next_due()
    if due is None or due > now:
        return 0
    moment = _after(now) - timedelta(days=1)
    with clock.at(max(moment, due)):
        return look()


@transaction.atomic
def look() -> int:
    """Look at everything as of now and tell of it; return how many things were opened, closed or reminded."""
    rounds = rounds_look()
    licences = licences_look()
    purged = people_purge(by=SYSTEM)
    gaps = gaps_look()  # after the rounds: whoever a closed round misses is a gap the same night
    event = Looked(
        opened=gaps.opened,
        closed=gaps.closed,
        open=gaps.open,
        left=gaps.left,
        reminders=licences.by_days,
        expired=licences.expired,
        rounds=rounds,
        purged=purged.people if purged else 0,
        sha256=gaps.sha256,
        licences=licences.sha256,
    )
    record(event, by=SYSTEM, about="territory:look", division="")
    written = (gaps.opened, gaps.closed, licences.by_days)
    return (
        1
        + rounds
        + licences.expired
        + (purged.people if purged else 0)
        + sum(sum(counts.values()) for counts in written)
    )


def _after(moment: datetime) -> datetime:
    """Return the first look time after `moment`."""
    zone = ZoneInfo(str(options.time_zone))
    local = moment.astimezone(zone)
    hour, minute = (int(part) for part in str(pack("duty_cover")["look_at"]).split(":"))
    due = datetime.combine(local.date(), time(hour, minute), zone)
    return due if due > moment else datetime.combine(local.date() + timedelta(days=1), time(hour, minute), zone)
