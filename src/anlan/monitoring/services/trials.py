"""Trying a rule on what has been stored: ordered from the editor, worked off by a background job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, Problem
from anlan.monitoring.engine import rules as engine
from anlan.monitoring.formats.rule_pack import rule_of
from anlan.monitoring.formats.rule_reading import engine_rule
from anlan.monitoring.formats.rule_shapes import Pack, Rule, Words
from anlan.monitoring.models import RuleTrial
from anlan.monitoring.rules.made import InForce, in_force
from anlan.monitoring.services import trial_run
from anlan.monitoring.services.trial_run import Given

ACT = "rule.write"
JOB = "anlan.rule_trial"
LONGEST = timedelta(days=366)
TELL_S = 1.0
WAITING = 3  # trials of one person that may wait or run at once


@transaction.atomic
def trial_open(
    *, by: Actor, body: Mapping[str, Any], division: str, from_at: datetime, until_at: datetime
) -> RuleTrial:  # fmt: skip
    """Order a trial of a rule over (from_at, until_at]; the worker does it. Raises Invalid, Forbidden."""
    rule = rule_of(dict(body), "rule")
    by.must(ACT, division)
    moment = clock.now()
    if not from_at < until_at <= moment + timedelta(minutes=1) or until_at - from_at > LONGEST:
        raise _wrong("from_at", from_at.isoformat(), "起止应在过去，且不超过 366 天", "must be past, 366 days at most")
    if RuleTrial.objects.filter(made_by=by.name[:120], state__in=("waiting", "running")).count() >= WAITING:
        raise _wrong(
            "body", rule.code, f"您已有 {WAITING} 次试算未完成，请稍候", f"you have {WAITING} trials unfinished; wait"
        )
    given = _given(rule, division, from_at, until_at)
    many = trial_run.estimate(trial_run.catalogue_of(given).series, given)
    if many > trial_run.MOST_READINGS:
        raise _wrong("division", division, f"约 {many} 个读数，超过 {trial_run.MOST_READINGS}；请缩短时段或缩小区划",
                     f"about {many} readings, over {trial_run.MOST_READINGS}; take a shorter span or a smaller division")  # fmt: skip
    trial = RuleTrial.objects.create(
        code=rule.code, body=json.loads(json.dumps(dict(body), default=str)), division=division, from_at=from_at,
        until_at=until_at, made_at=moment, made_by=by.name[:120],
    )  # fmt: skip
    app.configure_task(JOB).defer(trial=str(trial.id))
    return trial


def trial_run_now(trial: UUID) -> RuleTrial:
    """Do a trial, here and now; a second call of one that runs or is done does nothing."""
    if not RuleTrial.objects.filter(id=trial, state="waiting").update(state="running"):
        return RuleTrial.objects.get(id=trial)
    row = RuleTrial.objects.get(id=trial)
    told = [monotonic()]

    def tell(done: int, total: int) -> None:
        if monotonic() - told[0] >= TELL_S or done == total:
            RuleTrial.objects.filter(id=trial).update(done=done, total=total)
            told[0] = monotonic()

    try:
        given = _given(rule_of(row.body, "rule"), row.division, row.from_at, row.until_at)
        result = trial_run.run(given, tell)
        RuleTrial.objects.filter(id=trial).update(state="done", result=result)
    except Problem as problem:
        RuleTrial.objects.filter(id=trial).update(state="failed", error={"zh": problem.zh, "en": problem.en})
    except Exception as failure:
        words = {"zh": f"试算出错：{failure}", "en": f"The trial failed: {failure}"}
        RuleTrial.objects.filter(id=trial).update(state="failed", error=words)
        raise
    return RuleTrial.objects.get(id=trial)


def _given(rule: Rule, division: str, start: datetime, end: datetime) -> Given:
    """The candidate among the versions in force of its code, taking the place of the one of its own division."""
    others = [one for one in in_force() if one.rule.code == rule.code]
    own = next((one for one in others if one.pack.area == division), None)
    candidate = _engine(rule, "tried", division)
    new = (candidate, *(_as_engine(one) for one in others if one is not own))
    old = tuple(_as_engine(one) for one in others)
    before = max(
        (one for one in others if division.startswith(one.pack.area)), key=lambda one: len(one.pack.area), default=None
    )
    codes = tuple(level.code for level in rule.levels)
    every = {level.code: None for one in (*others,) for level in one.rule.levels}
    return Given(
        new, old, (_ordered(codes, every), _ordered(tuple(level.code for level in before.rule.levels) if before else (), every)),
        division, start, end,
    )  # fmt: skip


def _ordered(first: tuple[str, ...], every: Mapping[str, Any]) -> tuple[str, ...]:
    """Level codes lowest first: the rule's own order, then whatever other versions have."""
    return (*first, *(code for code in every if code not in first))


def _as_engine(one: InForce) -> engine.Rule:
    return _engine(one.rule, one.pack.version, one.pack.area)


def _engine(rule: Rule, version: str, division: str) -> engine.Rule:
    blank = Words("", "")
    pack = Pack("tried", version, blank, blank, blank, division, date(1, 1, 2), None, "")
    return engine_rule(msgspec.structs.replace(rule, valid_from=None, valid_to=None), pack)


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="trial.invalid", zh=f"试算的 {field} 有误：{zh}。", en=f"Trial, {field}: {en}.", field=field, value=value
    )
