"""Events of teams at an on-site command post. No event carries a person's telephone."""

from __future__ import annotations

from anlan.kernel.journal import Event


class TeamRegistered(Event, kind="team.registered", version=1):
    """A team registered at a command post (力量登记). team, post: ids; incident: id or null; number: its place in the
    register; name; team_kind; people; vehicles; register_code: on the standing register of teams, or "".
    """

    team: str
    post: str
    incident: str | None
    number: int
    name: str
    team_kind: str
    people: int
    vehicles: int
    register_code: str


class TeamDecided(Event, kind="team.decided", version=1):
    """A team was accepted, put on hold or declined. team, post: ids; incident: id or null; name; decision: accept, hold or
    decline; group: code of the group it joins, or ""; area: where it works; reason.
    """

    team: str
    post: str
    incident: str | None
    name: str
    decision: str
    group: str
    area: str
    reason: str


class TeamMoved(Event, kind="team.moved", version=1):
    """People of a team went in or came out. team, post: ids; incident: id or null; name; inward; heads: how many; inside:
    how many of the team are inside now; unasked: it went in without being accepted.
    """

    team: str
    post: str
    incident: str | None
    name: str
    inward: bool
    heads: int
    inside: int
    unasked: bool


class TeamLeft(Event, kind="team.left", version=1):
    """A team left for good, with nobody inside. team, post: ids; incident: id or null; name; reason."""

    team: str
    post: str
    incident: str | None
    name: str
    reason: str


class TeamContactShown(Event, kind="team.contact_shown", version=1):
    """A team leader's telephone was shown in full. team: id; reason."""

    team: str
    reason: str


class SaturationDrafted(Event, kind="saturation.drafted", version=1):
    """A notice that enough help has come was drafted (力量饱和通告). notice, post: ids; incident: id or null."""

    notice: str
    post: str
    incident: str | None


class SaturationReleased(Event, kind="saturation.released", version=1):
    """A person released the notice. notice, post: ids; incident: id or null; text: {zh, en}."""

    notice: str
    post: str
    incident: str | None
    text: dict[str, str]


class SaturationWithdrawn(Event, kind="saturation.withdrawn", version=1):
    """The notice holds no longer. notice, post: ids; incident: id or null."""

    notice: str
    post: str
    incident: str | None
