"""Ringing one person about something that is no warning (点名呼叫): by the first way of a list, by the next when that fails.

The message stands in the outbox as a warning's does, with the same guarantees (docs/adr/0010, 0021). Who asks for it is a
later stage: it names what it is about, and reacts to `ringing.answered`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import Event, record
from anlan.kernel.options import options
from anlan.territory.models import Person
from anlan.warning.channels.base import Outgoing
from anlan.warning.channels.outbox import TELEPHONED, put, ways_best
from anlan.warning.events import RingingAnswered, RingingBegun, RingingEnded, RingingSent
from anlan.warning.models import ChannelSetting, OutboxMessage, Ringing
from anlan.warning.services.moment import pinned, whole_reach

BY = Actor.system("warning")
LOST = frozenset({"failed", "given_up"})
Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class RingSpec:
    """Whom to ring about what: `about` is `type:id`; `channels`: codes of ways to a telephone, tried in this order."""

    about: str
    step: int
    division: str
    person: UUID | None
    title: Words
    words: Words
    channels: Sequence[str]
    ends_at: datetime


def ring(*, by: Actor, spec: RingSpec, at: datetime) -> Ringing | None:
    """Ring somebody, in the transaction of the act that asks for it. Ringing for the same `about` and `step` again changes
    nothing. Whom no way reaches is written down with why. In a drill nobody is rung, and nothing written (law 7)."""
    if drill_state() is not None or options.drill:
        return None
    with whole_reach():
        known: Ringing | None = Ringing.objects.filter(about=spec.about, step=spec.step).first()
        if known is not None:
            return known
        channel = _next(spec.channels, ())
        phone = _phone(spec.person) if spec.person is not None else ""
        why = "nobody" if spec.person is None else "no_number" if not phone else "" if channel else "no_way"
        row = Ringing.objects.create(
            division=spec.division, about=spec.about, step=spec.step, person=spec.person, title=spec.title,
            words=spec.words, channels=list(spec.channels), rung_at=at, ends_at=spec.ends_at,
            state="unrung" if why else "ringing", why=why,
        )  # fmt: skip
        if not why:
            _send(row, channel, at)
            row.sent = _sent([row])[row.id]
            row.save(update_fields=["sent"])
        event = RingingBegun(ringing=row.id, about=row.about, step=row.step, person=row.person,
                             channel="" if why else channel, why=why)  # fmt: skip
        _tell(by, row, event, at)
    return row


def _phone(person: UUID) -> str:
    return Person.objects.filter(pk=person, state="active").values_list("phone", flat=True).first() or ""


def _next(channels: Sequence[str], tried: Iterable[str]) -> str:
    """The next channel to ring by: the first with a way that is well, else the first with any; "" when none is left."""
    ways = ChannelSetting.objects.filter(enabled=True, carries__in=list(channels), kind__in=TELEPHONED)
    found = set(ways.values_list("carries", "health__state"))
    left = [code for code in channels if code not in set(tried)]
    well = {code for code, state in found if state != "down"}
    return next((code for code in left if code in well), "") or next(
        (code for code in left if code in {code for code, _ in found}), ""
    )


def _send(row: Ringing, channel: str, at: datetime) -> None:
    ways = tuple(way for way in ways_best().get(channel, ()) if way.kind in TELEPHONED)
    put([
        Outgoing(
            warning=row.id, number=row.about, colour="", channels=(channel,), text_zh=row.words["zh"],
            text_en=row.words["en"], drill=False, at=at, calls=((row.id, row.division),), person=row.person,
            step=row.step, home=row.division,
        )
    ], {channel: ways})  # fmt: skip


def _sent(rows: Sequence[Ringing]) -> dict[UUID, dict[str, dict[str, Any]]]:
    """Ringing → channel → how its message stands, as the queue has it. Two queries."""
    found: dict[UUID, dict[str, dict[str, Any]]] = {row.id: {} for row in rows}
    messages = list(OutboxMessage.objects.filter(warning__in=list(found), ringing=True).order_by("id"))
    codes = dict(ChannelSetting.objects.filter(id__in={one.setting for one in messages}).values_list("id", "code"))
    for one in messages:
        at = one.done_at or one.handed_at or one.at
        found[one.warning][one.channel] = {
            "setting": codes.get(one.setting, ""), "state": one.state, "tries": one.tries, "at": at.isoformat(),
            "error": one.error,
        }  # fmt: skip
    return found


def ringings_told(*, ringings: Iterable[UUID], at: datetime) -> None:
    """Write onto ringings what became of their messages; where all were lost, the next way is tried. Call in the
    transaction in which that was written."""
    wanted = sorted(set(ringings))
    if not wanted:
        return
    with whole_reach():
        rows = list(Ringing.objects.select_for_update().filter(id__in=wanted).order_by("id"))
        stand = _sent(rows)
        for row in rows:
            lost = all(one["state"] in LOST for one in stand[row.id].values())
            if row.state == "ringing" and lost and (channel := _next(row.channels, stand[row.id])):
                _send(row, channel, at)
                stand[row.id] = _sent([row])[row.id]
            _write(row, stand[row.id], at)


def _write(row: Ringing, fresh: dict[str, dict[str, Any]], at: datetime) -> None:
    """Keep how the messages stand, and tell of each that changed."""
    changed = [channel for channel, one in fresh.items() if one != row.sent.get(channel)]
    if not changed:
        return
    row.sent = fresh
    row.save(update_fields=["sent"])
    for channel in changed:
        one = fresh[channel]
        event = RingingSent(ringing=row.id, step=row.step, setting=one["setting"], channel=channel, state=one["state"],
                            tries=one["tries"], error=one["error"])  # fmt: skip
        _tell(BY, row, event, at)


def ringing_open(ringing: UUID) -> bool:
    """Does a ringing still wait for its answer?"""
    return Ringing.objects.filter(id=ringing, state="ringing").exists()


def ringing_answer(*, ringing: UUID, content: str, channel: str, at: datetime) -> str:
    """Take an answer by key or text; returns "answered", or "repeated" when the ringing was answered or called off before.
    Who answers after its time has answered all the same. Call inside a transaction."""
    row = Ringing.objects.select_for_update().filter(id=ringing).first()
    if row is None or row.state not in ("ringing", "silent"):
        return "repeated"
    row.state, row.answer, row.answered_at, row.via = "answered", content, at, channel
    row.save(update_fields=["state", "answer", "answered_at", "via"])
    event = RingingAnswered(
        ringing=row.id, about=row.about, step=row.step, person=row.person, content=content, channel=channel,
        took_s=max(0, int((at - row.rung_at).total_seconds())),
    )  # fmt: skip
    _tell(BY, row, event, at)
    _take_back([row], at)
    return "answered"


def ringings_end(*, by: Actor, about: str, at: datetime) -> int:
    """What the ringings are about is settled: whoever has not been rung yet won't be. Returns how many ended."""
    if drill_state() is not None or not Ringing.objects.filter(about=about, state="ringing").exists():
        return 0
    with whole_reach():
        rows = Ringing.objects.select_for_update().filter(about=about, state="ringing").order_by("step")
        return _end(by, list(rows), "called_off", at)


@transaction.atomic
def ringings_lapse(now: datetime) -> int:
    """End the ringings whose time is over at or before `now`, each at its exact time; returns how many."""
    due = Ringing.objects.select_for_update(skip_locked=True).filter(state="ringing", ends_at__lte=now)
    done = 0
    for row in due.order_by("ends_at", "id"):
        with pinned(row.ends_at), whole_reach():
            done += _end(BY, [row], "silent", row.ends_at)
    return done


def _end(by: Actor, rows: Sequence[Ringing], state: str, at: datetime) -> int:
    back = _take_back(rows, at)
    for row in rows:
        row.state = state
        row.save(update_fields=["state"])
        event = RingingEnded(ringing=row.id, step=row.step, state=state, taken_back=back.get(row.id, 0))
        _tell(by, row, event, at)
    return len(rows)


def _take_back(rows: Sequence[Ringing], at: datetime) -> dict[UUID, int]:
    """Take back what still waits of these ringings: ringing → how many messages."""
    waiting = OutboxMessage.objects.filter(warning__in=[row.id for row in rows], ringing=True, state="queued")
    waiting.update(state="cancelled", done_at=at)
    stand = _sent(rows)
    back = {}
    for row in rows:
        fresh = stand[row.id]
        taken = [channel for channel, one in fresh.items() if one["state"] == "cancelled"]
        back[row.id] = len([channel for channel in taken if row.sent.get(channel, {}).get("state") != "cancelled"])
        _write(row, fresh, at)
    return back


def _tell(by: Actor, row: Ringing, event: Event, at: datetime) -> None:
    record(event, by=by, about=row.about, division=row.division, at=at)
