"""What can happen when somebody is rung about something that is no warning. The docstrings are the public documentation."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event


class RingingBegun(Event, kind="ringing.begun", version=1):
    """A person is rung about something that is no warning (点名呼叫). ringing: id; about: what, `type:id`; step: which ring for
    it; person: id or null; channel: code of the first way, "" when nobody can be rung; why: no_way, no_number,
    nobody or together (in one call about several) then.
    """

    ringing: UUID
    about: str
    step: int
    person: UUID | None
    channel: str
    why: str


class RingingSent(Event, kind="ringing.sent", version=1):
    """How far the message of a ringing came. ringing: id; step; setting: code of the way out; channel; state: as messages
    have it; tries; error: what the way said, or "".
    """

    ringing: UUID
    step: int
    setting: str
    channel: str
    state: str
    tries: int
    error: str


class RingingAnswered(Event, kind="ringing.answered", version=1):
    """Who was rung answered by key or text. ringing: id; about: what it was about, `type:id`; step; person: id or null;
    content: received, acting, need_help or cannot; channel: by which it came; took_s: seconds since it rang.
    """

    ringing: UUID
    about: str
    step: int
    person: UUID | None
    content: str
    channel: str
    took_s: int


class RingingEnded(Event, kind="ringing.ended", version=1):
    """A ringing ended without an answer. ringing: id; step; state: silent when its time was over, called_off when it was
    settled otherwise; taken_back: messages that had not gone out yet.
    """

    ringing: UUID
    step: int
    state: str
    taken_back: int
