"""Events of on-site command posts, commanders and the command log. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.journal import Event


class CommandPostSetUp(Event, kind="command.set_up", version=1):
    """An on-site command post was set up (现场指挥部). post: id; incident, level: ids or null; name: {zh, en}; template,
    template_version: where its groups come from; groups: their codes; place: words.
    """

    post: str
    incident: str | None
    level: str | None
    name: dict[str, str]
    template: str
    template_version: str
    groups: list[str]
    place: str


class CommandPostMoved(Event, kind="command.moved", version=1):
    """A command post moved, or its place was mended. post: id; incident: id or null; place: words; lon, lat: degrees."""

    post: str
    incident: str | None
    place: str
    lon: float | None
    lat: float | None


class CommandGroupChanged(Event, kind="command.group_changed", version=1):
    """A working group was changed. post: id; incident: id or null; group: code; lead: {zh, en}; channel; shift: times of
    change; active: is it at work.
    """

    post: str
    incident: str | None
    group: str
    lead: dict[str, str]
    channel: str
    shift: list[str]
    active: bool


class CommandOffered(Event, kind="command.offered", version=1):
    """Command was offered with a hand-over, or the offer was taken back (指挥权移交). post, term: ids; incident: id or
    null; to: {zh, en}; tier: length of the taker's division code; withdrawn: the offer was taken back.
    """

    post: str
    term: str
    incident: str | None
    to: dict[str, str]
    tier: int
    withdrawn: bool


class CommandTaken(Event, kind="command.taken", version=1):
    """Somebody took command. post, term: ids; incident: id or null; name: {zh, en}; from_name: {zh, en} or null (the
    first); tier; upward: a higher level took it; tasks, resources, requests: how many were handed over; reason: why it
    was taken without the other's signature, "" where both signed.
    """

    post: str
    term: str
    incident: str | None
    name: dict[str, str]
    from_name: dict[str, str] | None
    tier: int
    upward: bool
    tasks: int
    resources: int
    requests: int
    reason: str


class CommandPostLinked(Event, kind="command.linked", version=1):
    """A command post came under a higher one, or stands by itself again. post: id; incident: id or null; under: id or
    null.
    """

    post: str
    incident: str | None
    under: str | None


class CommandPostClosed(Event, kind="command.closed", version=1):
    """A command post was closed. post: id; incident: id or null; minutes: how long it stood; entries: how many its log
    has; reason.
    """

    post: str
    incident: str | None
    minutes: float
    entries: int
    reason: str


class CommandLogged(Event, kind="command.logged", version=1):
    """An entry was written into a command log (指挥日志). post, entry: ids; number: its place in the log; incident: id or
    null; entry_kind; channel; linked: what it is about, or ""; answers, corrects: ids of entries or null; late_s: seconds
    between the fact and the writing. The words are in the entry alone: they may name people.
    """

    post: str
    entry: str
    number: int
    incident: str | None
    entry_kind: str
    channel: str
    linked: str
    answers: str | None
    corrects: str | None
    late_s: int


class RescuePlanMade(Event, kind="command.plan_made", version=1):
    """A version of the rescue plan was drafted (现场救援方案). post, plan: ids; incident: id or null; number."""

    post: str
    plan: str
    incident: str | None
    number: int


class RescuePlanInForce(Event, kind="command.plan_in_force", version=1):
    """The commander put a version of the rescue plan in force. post, plan: ids; incident: id or null; number."""

    post: str
    plan: str
    incident: str | None
    number: int


class CommandCrowded(Event, kind="command.crowded", version=1):
    """Many leaders of one command are at one site away from its post (F4). site; site_name: {zh, en}; leaders: codes of
    their posts; of: how many leaders there are; unattended: id of the alarm that the post is empty, or null.
    """

    site: str
    site_name: dict[str, str]
    leaders: list[str]
    of: int
    unattended: str | None


class WithdrawalOrdered(Event, kind="withdrawal.ordered", version=1):
    """Rescuers are ordered out because they are in danger (撤离命令). post, withdrawal: ids; incident: id or null; reason;
    area; teams, heads: who was inside; due_at: when everybody must be counted out.
    """

    post: str
    withdrawal: str
    incident: str | None
    reason: str
    area: str
    teams: int
    heads: int
    due_at: datetime


class WithdrawalComplete(Event, kind="withdrawal.complete", version=1):
    """Everybody was counted out. post, withdrawal: ids; incident: id or null; minutes: how long it took."""

    post: str
    withdrawal: str
    incident: str | None
    minutes: float


class WithdrawalOverdue(Event, kind="withdrawal.overdue", version=1):
    """Not everybody is out by the limit. post, withdrawal: ids; incident: id or null; heads: people still inside; teams:
    their names.
    """

    post: str
    withdrawal: str
    incident: str | None
    heads: int
    teams: list[str]


class WithdrawalLifted(Event, kind="withdrawal.lifted", version=1):
    """People may go in again. post, withdrawal: ids; incident: id or null; reason."""

    post: str
    withdrawal: str
    incident: str | None
    reason: str
