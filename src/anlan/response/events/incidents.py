"""Events of incidents and of what is claimed about them. The docstrings are the public documentation."""

from __future__ import annotations

from anlan.kernel.journal import Event


class IncidentOpened(Event, kind="incident.opened", version=1):
    """Something happened. incident: id; incident_kind; title: {zh, en}; source; confidence: low, medium or high;
    unverified: true until somebody has verified it.
    """

    incident: str
    incident_kind: str
    title: dict[str, str]
    source: str
    confidence: str
    unverified: bool


class IncidentVerified(Event, kind="incident.verified", version=1):
    """Somebody verified an incident or found it untrue. incident: id; true: which; reason: how they know."""

    incident: str
    true: bool
    reason: str


class IncidentClosed(Event, kind="incident.closed", version=1):
    """An incident ended. incident: id; reason."""

    incident: str
    reason: str


class ClaimAdded(Event, kind="incident.claimed", version=1):
    """A source said something about an incident. incident, claim: ids; topic, value: what is claimed; text: {zh, en};
    source; confidence.
    """

    incident: str
    claim: str
    topic: str
    value: str
    text: dict[str, str]
    source: str
    confidence: str


class IncidentContradicted(Event, kind="incident.contradicted", version=1):
    """Two sources contradict each other; both are kept. incident: id; topic; claims: ids; task: the task to verify."""

    incident: str
    topic: str
    claims: list[str]
    task: str


class ClaimJudged(Event, kind="incident.claim_judged", version=1):
    """A claim was confirmed or refuted. incident, claim: ids; topic; state: confirmed or refuted; reason."""

    incident: str
    claim: str
    topic: str
    state: str
    reason: str
