"""Placing the calls that did not fit into the act of their warning: block by block, each in its own transaction.

The first people called hear within a second of the issue, however many there are. Whom the warning calls is worked out
again from its area and the people who have a call already, so that a process that dies in between loses nobody and
doubles nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.warning.engine.ladder import LadderRule
from anlan.warning.engine.targeting import Target
from anlan.warning.models import Call, CallsWaiting, Warning
from anlan.warning.services import audience
from anlan.warning.services.moment import pinned
from anlan.warning.services.sending import public_send

BY = Actor.system("warning")
FIRST: Final = 1_000  # calls placed in the act of the warning when there are more than ALL
ALL: Final = 2_000  # up to so many are placed in the act itself
BLOCK: Final = 5_000
# Whoever is called this soon after the issue has the time that all have; later, after an outage, from when it is done.
SOON: Final = timedelta(seconds=60)
LAST: Final = frozenset({"call_list"})  # a list to print names everybody


def split(found: Sequence[Target]) -> tuple[Sequence[Target], int]:
    """Whom to call in the act of the warning, and how many wait. In a drill nobody waits: its journal follows from its
    seed alone."""
    if len(found) <= ALL or drill_state() is not None:
        return found, 0
    return found[:FIRST], len(found) - FIRST


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
    found, done = _missing(warning, rule), 0
    for first in range(0, max(len(found), 1), BLOCK):
        placed = _block(warning, rule, found[first : first + BLOCK], len(found) - first - BLOCK, now)
        if placed is None:
            break
        done += placed
    return done


def _missing(warning: Warning, rule: LadderRule) -> list[Target]:
    """Who of the warning's targets has no call yet, the gravest first."""
    called = list(Call.objects.filter(warning=warning).values_list("person_id", "post_id"))
    persons = {person for person, _ in called if person is not None}
    vacant = {post for person, post in called if person is None}
    return [
        one
        for one in audience.targets(warning.area, rule, warning.issued_at)
        if (one.lead.post not in vacant if one.person is None else one.person not in persons)
    ]


@transaction.atomic
def _block(warning: Warning, rule: LadderRule, targets: Sequence[Target], left: int, now: datetime) -> int | None:
    """Place one block; None when another process is at it, or the warning has ended."""
    from anlan.warning.services.calls import calls_put

    waiting = (
        CallsWaiting.objects.select_for_update(skip_locked=True).filter(warning=warning.id, remaining__gt=0).first()
    )
    if waiting is None:
        return None
    if not Warning.objects.filter(id=warning.id, state="in_force").exists():
        waiting_end(warning)
        return None
    at = waiting.at if now - waiting.at <= SOON else now
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
