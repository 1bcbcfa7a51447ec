"""Events of plans, proposals and levels. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class PlanLoaded(Event, kind="plan.loaded", version=1):
    """A plan version came into use. plan: its id; code, plan_version; area; sha256: of its content."""

    plan: str
    code: str
    plan_version: str
    area: str
    sha256: str


class PlanTitlesLaid(Event, kind="plan.titles_laid", version=1):
    """The register of plans was laid down by the generator, all drafts (生成预案名录).

    special: special plans; count: titles with the handbook; sha256: over code, name and state of each.
    """

    special: int
    count: int
    sha256: str


class PlanTitleJoined(Event, kind="plan.title_joined", version=1):
    """A title of the register of plans has its executable plan. title: its code; plan: the plan's id; code, plan_version."""

    title: str
    plan: str
    code: str
    plan_version: str


class LevelProposed(Event, kind="level.proposed", version=1):
    """The platform proposes a response level; the decider's clock starts.

    proposal: its id; plan: code of the plan; track: main or history; level: 1 (highest) to 4, 0 to end; action: start,
    raise, lower or end; previous: level in force; decider: code of the deciding post or null; due_at: when it climbs;
    trigger: number of the start condition; cause: the journal subject behind it; explanation: {zh, en, citation, ...};
    supersedes: id of the proposal it takes the place of, or null; incident: id of the one event it is for, null where it
    is for the plan's whole area.
    """

    proposal: str
    plan: str
    track: str
    level: int
    action: str
    previous: int
    decider: str | None
    due_at: datetime
    trigger: str
    cause: str
    explanation: dict[str, Any]
    supersedes: str | None = None
    incident: str | None = None


class LevelSeen(Event, kind="level.seen", version=1):
    """Who was rung about a proposal has seen it, by key or text; it still waits for a decision. proposal, track, level; post:
    code of the post that was rung, or null; step: 0 the decider, then whom it climbed to; channel: by which it came.
    """

    proposal: str
    track: str
    level: int
    post: str | None
    step: int
    channel: str


class LevelUndecided(Event, kind="level.undecided", version=1):
    """A post let its time to decide pass: not deciding is itself a recorded fact.

    proposal, track, level: what was to be decided; post: code of the post that had it, or null; opened_at: since when
    the proposal waits; minutes: for how long; step: which limit passed, from 1.
    """

    proposal: str
    track: str
    level: int
    post: str | None
    opened_at: datetime
    minutes: int
    step: int


class LevelEscalated(Event, kind="level.escalated", version=1):
    """An undecided proposal climbed. proposal, track, level; step: from 1; from_post, to_post: codes (to_post null or
    equal to from_post: nobody stands above); due_at: the next limit, or null when this was the last.
    """

    proposal: str
    track: str
    level: int
    step: int
    from_post: str | None
    to_post: str | None
    due_at: datetime | None


class LevelAdopted(Event, kind="level.adopted", version=1):
    """A named post adopted a proposal. proposal, track, level; post: its code; minutes: from opening to decision."""

    proposal: str
    track: str
    level: int
    post: str
    minutes: float


class LevelDeclined(Event, kind="level.declined", version=1):
    """A named post declined a proposal, with a reason. proposal, track, level; post: its code; minutes; reason."""

    proposal: str
    track: str
    level: int
    post: str
    minutes: float
    reason: str


class LevelSuperseded(Event, kind="level.superseded", version=1):
    """A proposal gave way. proposal, track, level: the old one; by: id of the new proposal or of the level started."""

    proposal: str
    track: str
    level: int
    by: str


class LevelLapsed(Event, kind="level.lapsed", version=1):
    """A proposal waits no more because its event is closed or goes on in another. proposal, track, level; incident: id;
    why: the reason, or "incident:<id>" of the one it goes on in.
    """

    proposal: str
    track: str
    level: int
    incident: str
    why: str


class LevelStarted(Event, kind="level.started", version=1):
    """A response started. It states what the law asks (art. 72): matter, level, expected duration, measures.

    response: id of the level row; plan: code; track; level; matter; expected_duration_h; measures: texts; area; post:
    code of the post that decided; proposal: id or null; incident: id of the one event it answers, or null; reason and
    basis: why and on what ground; changes: {from, to, add, cancel: codes of tasks, keep: how many go on}.
    """

    response: str
    plan: str
    track: str
    level: int
    matter: str
    expected_duration_h: float
    measures: list[str]
    area: str
    post: str
    proposal: str | None
    incident: str | None = None
    reason: str = ""
    basis: str = ""
    changes: dict[str, Any] | None = None


class LevelRaised(Event, kind="level.raised", version=1):
    """A response was raised. response: id of the new level row; previous: the level before; else as level.started."""

    response: str
    plan: str
    track: str
    level: int
    previous: int
    matter: str
    expected_duration_h: float
    measures: list[str]
    area: str
    post: str
    proposal: str | None
    incident: str | None = None
    reason: str = ""
    basis: str = ""
    changes: dict[str, Any] | None = None


class LevelLowered(Event, kind="level.lowered", version=1):
    """A response was lowered. Fields as level.raised."""

    response: str
    plan: str
    track: str
    level: int
    previous: int
    matter: str
    expected_duration_h: float
    measures: list[str]
    area: str
    post: str
    proposal: str | None
    incident: str | None = None
    reason: str = ""
    basis: str = ""
    changes: dict[str, Any] | None = None


class LevelChanged(Event, kind="level.closed", version=1):
    """A level row came to its end because another followed. response: its id; track; level; by: id of the new row."""

    response: str
    track: str
    level: int
    by: str


class LevelEnded(Event, kind="level.ended", version=1):
    """A response ended (宣布解除, 突发事件应对法 art. 86). response: id of the level row; plan: code; track; previous; post;
    reason; incident: id or null; announced: the words of the announcement; stopped: measures that stop; watch: how
    secondary disasters are watched for; confirmed, open: end conditions found met, and those not.
    """

    response: str
    plan: str
    track: str
    previous: int
    post: str
    reason: str
    incident: str | None = None
    announced: str = ""
    stopped: list[str] = []
    watch: str = ""
    confirmed: list[str] = []
    open: list[str] = []


class LevelQuiet(Event, kind="level.quiet", version=1):
    """The start conditions of a level in force no longer hold, or hold again. response: id of the level row; track;
    level; since: when they ceased, null when they hold again; review_at: when lowering or ending will be proposed if
    it stays so, null once that has been done.
    """

    response: str
    track: str
    level: int
    since: datetime | None
    review_at: datetime | None
