"""What can happen in the warning stage. The docstrings are the public documentation of the events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class ProposalOpened(Event, kind="proposal.opened", version=1):
    """The platform proposes a warning; the decider's clock starts.

    proposal: its id; signal: the signal behind it, or null; hazard, colour, area: what is proposed, area as division
    prefixes; decider: the deciding post's code, or null when none was found; due_at: when it climbs to the superior;
    explanation: {zh, en, ...} why; rule_version: version of the proposal rules.
    """

    proposal: str
    signal: str | None
    hazard: str
    colour: str
    area: list[str]
    decider: str | None
    due_at: datetime
    explanation: dict[str, Any]
    rule_version: str


class ProposalEscalated(Event, kind="proposal.escalated", version=1):
    """A decider let the clock run out: not deciding is recorded, and the proposal climbs.

    proposal: its id; undecided: code of the post that did not decide; decider: code of the post that must now;
    escalations: how often it has climbed; due_at: the new due time.
    """

    proposal: str
    undecided: str | None
    decider: str | None
    escalations: int
    due_at: datetime


class ProposalLapsed(Event, kind="proposal.lapsed", version=1):
    """Nobody decided up to the last post. proposal: its id; undecided: code of that post; colour: what was proposed."""

    proposal: str
    undecided: str | None
    colour: str


class ProposalDeclined(Event, kind="proposal.declined", version=1):
    """A named person declined the proposal. proposal: its id; reason: in their words; decider: post asked."""

    proposal: str
    reason: str
    decider: str | None


class ProposalSuperseded(Event, kind="proposal.superseded", version=1):
    """A graver signal made a new proposal in its place. proposal: the old one; by: the new one's id."""

    proposal: str
    by: str


class ProposalIssued(Event, kind="proposal.issued", version=1):
    """The proposal ended in a warning. proposal: its id; warning: the warning's id; seconds: opened until issued."""

    proposal: str
    warning: str
    seconds: int


class WarningIssued(Event, kind="warning.issued", version=1):
    """A warning is in force: a first message or an update of one.

    warning, number: id and identity; msg_type: Alert or Update; hazard, colour, issuer_kind, area; headline,
    instruction: {zh, en}; effective, expires; references: id of the first message of the chain, or null; proposal:
    the proposal it answers, or null; targeted: people called; channels: channels used; drill: true in an exercise;
    second_sign: name of the second signer where the text went against a stop order.
    """

    warning: str
    number: str
    msg_type: str
    hazard: str
    colour: str
    issuer_kind: str
    area: list[str]
    headline: dict[str, str]
    instruction: dict[str, str]
    effective: datetime
    expires: datetime
    references: str | None
    proposal: str | None
    targeted: int
    channels: list[str]
    drill: bool
    second_sign: str | None = None


class WarningUpdated(Event, kind="warning.updated", version=1):
    """A message gave way to a later one of its chain. warning, number: the old one; by: the new message's id."""

    warning: str
    number: str
    by: str


class WarningCancelled(Event, kind="warning.cancelled", version=1):
    """A warning was cancelled. warning, number: its identity; cancel_number: the cancel message's; reason."""

    warning: str
    number: str
    cancel_number: str
    reason: str


class WarningExpired(Event, kind="warning.expired", version=1):
    """A warning reached its end by itself. warning, number: its identity; colour, hazard."""

    warning: str
    number: str
    colour: str
    hazard: str


class CallsPlaced(Event, kind="calls.placed", version=1):
    """The people of a warning were called. warning; count; sha256: over the sorted call ids; step: 0; levels:
    count by level; unmanned: posts with nobody to call at all; ladder: code and version of the ladder rule.
    """

    warning: str
    count: int
    sha256: str
    step: int
    levels: dict[str, int]
    unmanned: int
    ladder: str


class CallsClosed(Event, kind="calls.closed", version=1):
    """The warning ended with calls unanswered; their clocks stop. warning; count; sha256: over the sorted ids."""

    warning: str
    count: int
    sha256: str


class CallAnswered(Event, kind="call.answered", version=1):
    """A called person answered by a deliberate act.

    call, warning; content: received, acting, need_help or cannot; holder: as whom (A, B, deputy, superior, duty, visit); person: id
    or null; step: the step at which this person was called; late_s: seconds after that step's limit, 0 in time;
    first: first answer of this call; channel: how it came.
    """

    call: str
    warning: str
    content: str
    holder: str
    person: str | None
    step: int
    late_s: int
    first: bool
    channel: str


class CallEscalated(Event, kind="call.escalated", version=1):
    """No answer in time (or "cannot"): the call climbs. call, warning; step, holder: the step reached; posts: codes
    of the posts now called; due_at: until when; cause: silence or cannot.
    """

    call: str
    warning: str
    step: int
    holder: str
    posts: list[str]
    due_at: datetime
    cause: str


class VisitAsked(Event, kind="call.visit_asked", version=1):
    """Nobody answers by any channel: somebody is asked to go there (上门). call, warning; sought: code of the post
    sought; visitor: code of the post asked to go; due_at: until when.
    """

    call: str
    warning: str
    sought: str
    visitor: str
    due_at: datetime


class CallExhausted(Event, kind="call.exhausted", version=1):
    """The ladder ended without an answer: somebody must go there. call, warning; post: code of the post sought;
    cause: silence, cannot or vacant (nobody holds the post nor those above).
    """

    call: str
    warning: str
    post: str
    cause: str


class ChannelMissing(Event, kind="channel.missing", version=1):
    """A channel required for this colour was not used: a red item. warning, number; channel: its code; colour."""

    warning: str
    number: str
    channel: str
    colour: str


class StopOrderStarted(Event, kind="stop_order.started", version=1):
    """Something is stopped by order. order: its id; stopped: metro, bus, tunnel, school or work; source: {zh, en}."""

    order: str
    stopped: str
    source: dict[str, str]


class StopOrderEnded(Event, kind="stop_order.ended", version=1):
    """A stop order ended. order: its id; stopped: what it had stopped."""

    order: str
    stopped: str


class LoopbackConfigured(Event, kind="loopback.configured", version=1):
    """A scenario set up its simulated people. seed; channels: the codes they answer on; people: their habits."""

    seed: int
    channels: list[str]
    people: dict[str, Any]
