"""Events of command bodies, leaders and contact with villages. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.journal import Event


class LeaderCheckedIn(Event, kind="command.checked_in", version=1):
    """A leader told where they are. post: code; site: place code, words or command_post; site_name: {zh, en};
    handover_to: code of the post that holds command meanwhile, or null.
    """

    post: str
    site: str
    site_name: dict[str, str]
    handover_to: str | None


class CommandUnattended(Event, kind="command.unattended", version=1):
    """Nobody of the leaders is in the command post (指挥部无主). away: codes of the leaders known to be elsewhere;
    site: the one place where all of them are, or ""; leaders: how many there are; incident: id of the alarm.
    """

    away: list[str]
    site: str
    leaders: int
    incident: str


class CommandAttended(Event, kind="command.attended", version=1):
    """A leader is in the command post again. post: code; minutes: how long it stood without one."""

    post: str
    minutes: float


class BodyLevelSet(Event, kind="command.level_set", version=1):
    """A command body took a level. body: code; track; level: 0 none; previous; post: code or null; plan: code of
    the plan it stands in; incident: id of the one event it is for, or null.
    """

    body: str
    track: str
    level: int
    previous: int
    post: str | None
    plan: str = ""
    incident: str | None = None


class CommandMismatch(Event, kind="command.mismatch", version=1):
    """Two linked command bodies stand at different levels. mismatch: id; lead, body: codes; track; lead_level,
    body_level: what each stands at; incident: id of the one event it is for, or null.
    """

    mismatch: str
    lead: str
    body: str
    track: str
    lead_level: int
    body_level: int
    incident: str | None = None


class MismatchClosed(Event, kind="command.matched", version=1):
    """A mismatch ended. mismatch: id; body: code; track; state: adopted or refused; minutes: how long; reason; incident: id of
    the one event it is for, or null.
    """

    mismatch: str
    body: str
    track: str
    state: str
    minutes: float
    reason: str
    incident: str | None = None


class ContactWatched(Event, kind="contact.watched", version=1):
    """Places came under watch because red rain falls on them. count; area: division prefixes; due_at: the first limit."""

    count: int
    area: list[str]
    due_at: datetime


class ContactLost(Event, kind="contact.lost", version=1):
    """A place under red rain showed no sign of life for too long. place: division code; name: {zh, en}; last_at: last
    contact or null; silent_min: for how long; incident, task: what was opened to find out; rule: version of the rule.
    """

    place: str
    name: dict[str, str]
    last_at: datetime | None
    silent_min: int
    incident: str
    task: str
    rule: str


class ContactFound(Event, kind="contact.found", version=1):
    """A lost place showed a sign of life again. place: division code; source: how; minutes: how long it was lost."""

    place: str
    source: str
    minutes: float
