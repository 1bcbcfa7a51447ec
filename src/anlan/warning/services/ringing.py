"""Ringing one person about something that is no warning (点名呼叫): by the first way of a list, by the next when that fails.

The message stands in the outbox as a warning's does, with the same guarantees (docs/adr/0010, 0021). Who asks for it is a
later stage: it names what it is about, and reacts to `ringing.answered`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import Event, record_many
from anlan.kernel.options import options
from anlan.territory.models import Person
from anlan.warning.channels.base import Outgoing
from anlan.warning.channels.outbox import TELEPHONED, put, ways_best
from anlan.warning.events import RingingAnswered, RingingBegun, RingingEnded, RingingSent
from anlan.warning.models import ChannelSetting, OutboxMessage, Ringing
from anlan.warning.services.moment import pinned, whole_reach

BY = Actor.system("warning")
LOST = frozenset({"failed", "given_up"})
BATCH = 500
Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class RingSpec:
    """Whom to ring about what: `about` is `type:id`; `channels`: codes of ways to a telephone, tried in this order; `why`:
    why this one is not rung by itself (choices.UNRUNG), known to who asks."""

    about: str
    step: int
    division: str
    person: UUID | None
    title: Words
    words: Words
    channels: Sequence[str]
    ends_at: datetime
    why: str = ""


def rings_out() -> bool:
    """Is anybody rung at all? In a drill nobody is, and nothing is written (law 7)."""
    return not options.drill and drill_state() is None


def ring(*, by: Actor, spec: RingSpec, at: datetime) -> Ringing | None:
    """Ring somebody, in the transaction of the act that asks for it. Ringing for the same `about` and `step` again changes
    nothing. Whom no way reaches is written down with why. None in a drill."""
    return next(iter(rings(by=by, specs=[spec], at=at)), None)


def rings(*, by: Actor, specs: Sequence[RingSpec], at: datetime) -> list[Ringing]:
    """Ring many at once, as `ring` each: a handful of statements whatever their number. Empty in a drill."""
    if not specs or not rings_out():
        return []
    with whole_reach():
        rows = {(row.about, row.step): row for row in Ringing.objects.filter(about__in={one.about for one in specs})}
        fresh = {(one.about, one.step): one for one in specs if (one.about, one.step) not in rows}
        if fresh:
            rows |= {(row.about, row.step): row for row in _begun(by, list(fresh.values()), at)}
    return [rows[one.about, one.step] for one in specs]


def _begun(by: Actor, specs: Sequence[RingSpec], at: datetime) -> list[Ringing]:
    people = Person.objects.filter(pk__in={one.person for one in specs if one.person is not None}, state="active")
    phones = dict(people.values_list("pk", "phone"))
    telephones = _telephones()
    rows: list[Ringing] = []
    first: list[tuple[Ringing, str]] = []
    for spec in specs:
        channel, phone = _next(spec.channels, (), telephones), phones.get(spec.person, "") if spec.person else ""
        lacks = "nobody" if spec.person is None else "no_number" if not phone else "" if channel else "no_way"
        why = lacks or spec.why
        row = Ringing(
            division=spec.division, about=spec.about, step=spec.step, person=spec.person, title=spec.title,
            words=spec.words, channels=list(spec.channels), rung_at=at, ends_at=spec.ends_at,
            state="unrung" if why else "ringing", why=why,
        )  # fmt: skip
        rows.append(row)
        first += [] if why else [(row, channel)]
    _send(first, at)
    stand = _sent([row for row, _ in first])
    for row, _ in first:
        row.sent = stand[row.id]
    Ringing.objects.bulk_create(rows, batch_size=BATCH)
    channels = {row.id: channel for row, channel in first}
    _tell(by, at, [
        (row, RingingBegun(ringing=row.id, about=row.about, step=row.step, person=row.person,
                           channel=channels.get(row.id, ""), why=row.why))
        for row in rows
    ])  # fmt: skip
    return rows


def _telephones() -> frozenset[tuple[str, str | None]]:
    """The ways to telephones that are set up: (channel, state of its health)."""
    ways = ChannelSetting.objects.filter(enabled=True, kind__in=TELEPHONED)
    return frozenset(ways.values_list("carries", "health__state"))


def _next(channels: Sequence[str], tried: Iterable[str], telephones: frozenset[tuple[str, str | None]]) -> str:
    """The next channel to ring by: the first with a way that is well, else the first with any; "" when none is left."""
    left = [code for code in channels if code not in set(tried)]
    well = {code for code, state in telephones if state != "down"}
    return next((code for code in left if code in well), "") or next(
        (code for code in left if code in {code for code, _ in telephones}), ""
    )


def _send(items: Sequence[tuple[Ringing, str]], at: datetime) -> None:
    """Queue a message for each ringing, by the channel beside it."""
    if not items:
        return
    best = ways_best()
    ways = {code: tuple(way for way in best.get(code, ()) if way.kind in TELEPHONED) for code in {c for _, c in items}}
    put([
        Outgoing(
            warning=row.id, number=row.about, colour="", channels=(channel,), text_zh=row.words["zh"],
            text_en=row.words["en"], drill=False, at=at, calls=((row.id, row.division),), person=row.person,
            step=row.step, home=row.division,
        )
        for row, channel in items
    ], ways)  # fmt: skip


def _sent(rows: Sequence[Ringing]) -> dict[UUID, dict[str, dict[str, Any]]]:
    """Ringing → channel → how its message stands, as the queue has it. Two queries."""
    found: dict[UUID, dict[str, dict[str, Any]]] = {row.id: {} for row in rows}
    if not found:
        return found
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
        lost = [
            row for row in rows
            if row.state == "ringing" and all(one["state"] in LOST for one in stand[row.id].values())
        ]  # fmt: skip
        if lost:
            telephones = _telephones()
            again = [(row, channel) for row in lost if (channel := _next(row.channels, stand[row.id], telephones))]
            _send(again, at)
            stand |= _sent([row for row, _ in again])
        _write(rows, stand, at)


def _write(rows: Sequence[Ringing], stand: dict[UUID, dict[str, dict[str, Any]]], at: datetime) -> None:
    """Keep how the messages stand, and tell of each that changed."""
    told: list[tuple[Ringing, Event]] = []
    changed: list[Ringing] = []
    for row in rows:
        fresh = stand[row.id]
        news = [channel for channel, one in fresh.items() if one != row.sent.get(channel)]
        for channel in news:
            one = fresh[channel]
            told.append((row, RingingSent(
                ringing=row.id, step=row.step, setting=one["setting"], channel=channel, state=one["state"],
                tries=one["tries"], error=one["error"],
            )))  # fmt: skip
        if news:
            row.sent = fresh
            changed.append(row)
    if changed:
        Ringing.objects.bulk_update(changed, ["sent"], batch_size=BATCH)
        _tell(BY, at, told)


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
    _tell(BY, at, [(row, event)])
    _take_back([row], at)
    return "answered"


def ringings_end(*, by: Actor, about: str | Sequence[str], at: datetime) -> int:
    """What the ringings are about is settled: whoever has not been rung yet won't be. Returns how many ended."""
    abouts = [about] if isinstance(about, str) else list(about)
    if not abouts or not rings_out() or not Ringing.objects.filter(about__in=abouts, state="ringing").exists():
        return 0
    with whole_reach():
        rows = Ringing.objects.select_for_update().filter(about__in=abouts, state="ringing").order_by("about", "step")
        return _end(by, list(rows), "called_off", at)


@transaction.atomic
def ringings_lapse(now: datetime) -> int:
    """End the ringings whose time is over at or before `now`, each at its exact time; returns how many."""
    due = Ringing.objects.select_for_update(skip_locked=True).filter(state="ringing", ends_at__lte=now)
    done = 0
    for ends_at, rows in groupby(due.order_by("ends_at", "id"), key=lambda row: row.ends_at):
        with pinned(ends_at), whole_reach():
            done += _end(BY, list(rows), "silent", ends_at)
    return done


def _end(by: Actor, rows: Sequence[Ringing], state: str, at: datetime) -> int:
    back = _take_back(rows, at)
    Ringing.objects.filter(id__in=[row.id for row in rows]).update(state=state)
    for row in rows:
        row.state = state
    ended = [(row, RingingEnded(ringing=row.id, step=row.step, state=state, taken_back=back[row.id])) for row in rows]
    _tell(by, at, ended)
    return len(rows)


def _take_back(rows: Sequence[Ringing], at: datetime) -> dict[UUID, int]:
    """Take back what still waits of these ringings: ringing → how many messages."""
    waiting = OutboxMessage.objects.filter(warning__in=[row.id for row in rows], ringing=True, state="queued")
    waiting.update(state="cancelled", done_at=at)
    stand = _sent(rows)
    back = {
        row.id: sum(
            one["state"] == "cancelled" and row.sent.get(channel, {}).get("state") != "cancelled"
            for channel, one in stand[row.id].items()
        )
        for row in rows
    }
    _write(rows, stand, at)
    return back


def _tell(by: Actor, at: datetime, told: Sequence[tuple[Ringing, Event]]) -> None:
    record_many([(event, {"by": by, "about": row.about, "division": row.division, "at": at}) for row, event in told])
