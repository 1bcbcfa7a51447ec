"""Events of the duty desk: roster, swaps, presence, checks, log, hand-over. The docstrings are the public documentation.

No event carries a name or a telephone: people are told by id (see territory.events_care).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.journal import Event


class RosterMade(Event, kind="duty.roster_made", version=1):
    """A year's roster was drafted (编制值班表). roster: id; post: code of the desk; year; roster_version; pattern; shifts:
    how many; crews: how many stand in it; hole_min: minutes nobody stands in; spread: family of turns → [fewest, most] a
    crew has.
    """

    roster: UUID
    post: str
    year: int
    roster_version: int
    pattern: str
    shifts: int
    crews: int
    hole_min: int
    spread: dict[str, list[int]]


class RosterEdited(Event, kind="duty.roster_edited", version=1):
    """Somebody was put into a drafted shift by hand. roster, shift: ids; role; person, before: who stands there now and
    who did, or null; reason: why the rest rule is set aside, "" if it isn't.
    """

    roster: UUID
    shift: UUID
    role: str
    person: UUID | None
    before: UUID | None
    reason: str


class RosterPublished(Event, kind="duty.roster_published", version=1):
    """A year's roster without a hole was published (发布值班表): calls go to who sits there. roster: id; post: code; year;
    roster_version; shifts: how many; planned, cancelled: turns of duty written and taken back; overrides: shifts where a
    reason sets the rest rule aside; sha256: over the shifts in order.
    """

    roster: UUID
    post: str
    year: int
    roster_version: int
    shifts: int
    planned: int
    cancelled: int
    overrides: int
    sha256: str


class SwapAsked(Event, kind="duty.swap_asked", version=1):
    """A change of shift or a stand-in was asked for (申请换班). swap, shift: ids; swap_kind: swap or stand_in; role;
    from_person, to_person: ids; other_shift: the shift given in return or null; reason; override: why the rest rule is
    to be set aside, "" if it isn't.
    """

    swap: UUID
    shift: UUID
    swap_kind: str
    role: str
    from_person: UUID
    to_person: UUID
    other_shift: UUID | None
    reason: str
    override: str


class SwapDecided(Event, kind="duty.swap_decided", version=1):
    """A change of shift was approved, refused or withdrawn. swap: id; state; note."""

    swap: UUID
    state: str
    note: str


class DutyCame(Event, kind="duty.came", version=1):
    """Somebody of a shift came on duty or told where they are (到岗). shift: id; role; person: id; whereabouts: room, office or
    reachable; late_min: minutes after the shift began.
    """

    shift: UUID
    role: str
    person: UUID
    whereabouts: str
    late_min: int


class DutyLeft(Event, kind="duty.left", version=1):
    """Somebody went off duty (离岗). shift: id; role; person: id."""

    shift: UUID
    role: str
    person: UUID


class CheckAsked(Event, kind="duty.check_asked", version=1):
    """A desk was checked at random (抽查). check: id; post: code; person: who sits there or null; due_at: answer by then."""

    check: UUID
    post: str
    person: UUID | None
    due_at: datetime


class CheckAnswered(Event, kind="duty.check_answered", version=1):
    """A random check was answered. check: id; post: code; way: page, phone, keys, text or desk; took_s: after how many seconds;
    late: after its time.
    """

    check: UUID
    post: str
    way: str
    took_s: int
    late: bool


class CheckClimbed(Event, kind="duty.check_climbed", version=1):
    """Nobody answered a random check in time; it climbs. check: id; post: code; to: code of the post told, or null; person:
    the leader on duty told, or null; step: 1 the leader, 2 the superior post.
    """

    check: UUID
    post: str
    to: str | None
    person: UUID | None
    step: int


class CheckHeard(Event, kind="duty.check_heard", version=1):
    """Whom a check climbed to has heard of it, by key or text; the desk still has to answer. check: id; post: code of the
    desk; step: 1 the leader, 2 the superior post; person: id or null; channel: by which the answer came.
    """

    check: UUID
    post: str
    step: int
    person: UUID | None
    channel: str


class DutyLogged(Event, kind="duty.logged", version=1):
    """An entry was written into the duty log. entry: id; post: code; entry_kind; way; link: what it is about, `type:id` or
    ""; settles, corrects: entry it settles or puts right, or null. Its words are in the row.
    """

    entry: UUID
    post: str
    entry_kind: str
    way: str
    link: str
    settles: UUID | None
    corrects: UUID | None


class PhoneRecorded(Event, kind="duty.phone_recorded", version=1):
    """A telephone call was taken down (电话记录). record: id; post: code; received_at; corrects: the record it puts right, or
    null. Its words are in the row.
    """

    record: UUID
    post: str
    received_at: datetime
    corrects: UUID | None


class HandoverOpened(Event, kind="duty.handover_opened", version=1):
    """A hand-over began, or its lists were read again. handover: id; post: code; counts: list → how many; red: how many red
    items.
    """

    handover: UUID
    post: str
    counts: dict[str, int]
    red: int


class RedSeen(Event, kind="duty.red_seen", version=1):
    """The incoming acknowledged red items of a hand-over. handover: id; post: code; items: their keys."""

    handover: UUID
    post: str
    items: list[str]


class HandoverSigned(Event, kind="duty.handover_signed", version=1):
    """One side signed a hand-over (交接签字). handover: id; post: code; side: out or in; person: id or null."""

    handover: UUID
    post: str
    side: str
    person: UUID | None


class HandedOver(Event, kind="duty.handed_over", version=1):
    """A desk was handed over, both signed. handover: id; post: code; shift_out, shift_in: ids or null; counts: list → how
    many; red: keys of the red items acknowledged.
    """

    handover: UUID
    post: str
    shift_out: UUID | None
    shift_in: UUID | None
    counts: dict[str, int]
    red: list[str]
