"""Placing the calls that did not fit into the act of their warning: block by block, each in its own transaction.

The first people called hear within a second of the issue, however many there are: the database puts people in order, and
only those of a block are looked at one by one. Whom the warning calls is worked out again from its area and the people
who have a call already, so that a process that dies in between loses nobody and doubles nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.asking import bound
from anlan.kernel.drill import drill_state
from anlan.territory.selectors.holder_counts import Block
from anlan.warning.bulk import uncollected
from anlan.warning.engine.ladder import LadderRule
from anlan.warning.engine.targeting import Target
from anlan.warning.models import Call, CallsWaiting, Warning
from anlan.warning.services import audience
from anlan.warning.services.moment import pinned
from anlan.warning.services.sending import public_send

BY = Actor.system("warning")
FIRST: Final = 200  # calls placed in the act of the warning when there are more than ALL
ALL: Final = 2_000  # up to so many are placed in the act itself
BLOCK: Final = 5_000
# Whoever is called this soon after the issue has the time that all have; later, after an outage, from when it is done.
SOON: Final = timedelta(seconds=60)
_CALLED = """
SELECT person_id FROM warning_call WHERE warning_id = %(warning)s AND person_id = ANY(%(persons)b::uuid[])
UNION ALL SELECT post_id FROM warning_call
WHERE warning_id = %(warning)s AND person_id IS NULL AND post_id = ANY(%(vacant)b::uuid[])
"""
LAST: Final = frozenset({"call_list"})  # a list to print names everybody


def first(warning: Warning, rule: LadderRule, at: datetime) -> tuple[Sequence[Target], int]:
    """Whom to call in the act of the warning, and how many are called altogether. In a drill nobody waits: its journal
    follows from its seed alone."""
    choice = audience.Choice(warning.area, rule, at)
    if drill_state() is None:
        total, posts = choice.gravest(FIRST)
        if total > ALL:
            return choice.of(posts, choice.counties()), total
    found = audience.targets(warning.area, rule, at)
    return found, len(found)


def wait_for(*, warning: Warning, channels: Sequence[str], total: int, left: int, at: datetime) -> None:
    """Note in the act of a warning how many calls are still to be placed."""
    CallsWaiting.objects.create(
        warning=warning.id, division=warning.division, at=at, channels=list(channels), total=total, remaining=left
    )


def calls_rest(now: datetime) -> int:
    """Place every call that waits; returns how many were placed."""
    done = 0
    for warning in CallsWaiting.objects.filter(remaining__gt=0).order_by("at").values_list("warning", flat=True):
        done += _rest(warning, now)
    return done


def _rest(ident: UUID, now: datetime) -> int:
    warning = Warning.objects.get(id=ident)
    rule = audience.ladder_rule(warning.hazard, warning.colour, warning.issued_at)
    choice = audience.Choice(warning.area, rule, warning.issued_at)
    blocks, counties, done = choice.blocks(_called(warning), BLOCK), choice.counties(), 0
    left = sum(block.people for block in blocks)
    for block in blocks or [Block(0, [])]:
        left -= block.people
        placed = _block(warning, rule, partial(choice.of, block.posts, counties), left, now)
        if placed is None:
            break
        done += placed
    return done


def _called(warning: Warning) -> list[UUID]:
    """Who has a call of this warning already: persons, and posts that nobody holds."""
    pairs = Call.objects.filter(warning=warning).values_list("person_id", "post_id")
    return [person or post for person, post in pairs]


def _uncalled(warning: Warning, targets: Sequence[Target]) -> list[Target]:
    """Those without a call: another process may have been at it since they were chosen."""
    persons = [t.person for t in targets if t.person is not None]
    vacant = [t.lead.post for t in targets if t.person is None]
    with bound() as cursor:
        cursor.execute(_CALLED, {"warning": warning.id, "persons": persons, "vacant": vacant})
        called = {key for (key,) in cursor.fetchall()}
    return [t for t in targets if (t.person or t.lead.post) not in called]


@transaction.atomic
def _block(
    warning: Warning, rule: LadderRule, choose: Callable[[], Sequence[Target]], left: int, now: datetime
) -> int | None:
    """Place one block; None when another process is at it, or the warning has ended. Whoever was called since the block
    was chosen, by another process that was at it then, is left out."""
    from anlan.warning.services.calls import calls_put

    waiting = (
        CallsWaiting.objects.select_for_update(skip_locked=True).filter(warning=warning.id, remaining__gt=0).first()
    )
    if waiting is None:
        return None
    if not Warning.objects.filter(id=warning.id, state="in_force").exists():
        waiting_end(warning)
        return None
    with uncollected():
        targets = _uncalled(warning, choose())
    at = waiting.at if now - waiting.at <= SOON else now
    if targets:
        with pinned(at):
            calls_put(by=BY, warning=warning, targets=targets, rule=rule, channels=waiting.channels, at=at)
    waiting.remaining = max(left, 0)
    waiting.save(update_fields=["remaining"])
    if waiting.remaining == 0:
        public_send(warning, [code for code in LAST if code in waiting.channels], at)
    return len(targets)


def held_back(warning: Warning) -> frozenset[str]:
    """The channels that wait until everybody is called."""
    return LAST if CallsWaiting.objects.filter(warning=warning.id, remaining__gt=0).exists() else frozenset()


def waiting_end(warning: Warning) -> None:
    """The warning is over: whoever still waits to be called is not called."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE warning_calls_waiting SET remaining = 0 WHERE warning = %s AND remaining > 0", [warning.id]
        )
