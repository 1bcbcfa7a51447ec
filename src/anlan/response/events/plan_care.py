"""Events of keeping plans. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import date, datetime

from anlan.kernel.journal import Event


class PlanDraftStarted(Event, kind="plan_draft.started", version=1):
    """Somebody began a new version of a plan (起草). draft: its id; code; base: id of the version it starts from, or null."""

    draft: str
    code: str
    base: str | None


class PlanDraftWritten(Event, kind="plan_draft.written", version=1):
    """Words of a draft were changed (修改). draft; sha256: over the content now; voided: units that must sign again."""

    draft: str
    sha256: str
    voided: list[str]


class PlanDraftSentRound(Event, kind="plan_draft.sent_round", version=1):
    """Units were asked to sign (送会签). draft; sha256: what they sign; units: their codes; due_at: by when."""

    draft: str
    sha256: str
    units: list[str]
    due_at: datetime


class PlanCosigned(Event, kind="plan_draft.cosigned", version=1):
    """A unit signed, or objected (会签). draft; unit; agrees; comment."""

    draft: str
    unit: str
    agrees: bool
    comment: str


class PlanObjectionAnswered(Event, kind="plan_draft.answered", version=1):
    """The makers answered a unit's objection (意见处理). draft; unit; answer."""

    draft: str
    unit: str
    answer: str


class PlanDraftEnded(Event, kind="plan_draft.ended", version=1):
    """A draft came into use, or was dropped (印发、放弃). draft; plan: id of the version it became, or null; reason."""

    draft: str
    plan: str | None
    reason: str


class PlanRecorded(Event, kind="plan.recorded", version=1):
    """A plan was reviewed, drilled or filed (评估、演练、备案). plan: its id; code; what: review, drill or filing; done_on."""

    plan: str
    code: str
    what: str
    done_on: date


class UpperPlanRegistered(Event, kind="upper_plan.registered", version=1):
    """A version of an upper plan was entered (上位预案). upper: its id; code, plan_version; marked: codes of the plans that
    follow an older version and are marked for review."""

    upper: str
    code: str
    plan_version: str
    marked: list[str]


class PlanMarked(Event, kind="plan.marked", version=1):
    """A plan must be looked at again (应当修订). mark: its id; plan; code; cause: law, command, risk, resource, lesson, upper
    or other."""

    mark: str
    plan: str
    code: str
    cause: str


class PlanMarkSettled(Event, kind="plan.mark_settled", version=1):
    """The reason to look at a plan again is settled. mark; plan; settled: how."""

    mark: str
    plan: str
    settled: str
