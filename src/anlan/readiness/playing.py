"""Plays the scenario's own acts and what the simulated people had planned, through the stages' services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Problem
from anlan.readiness import simulate
from anlan.readiness.engine.agenda import Item
from anlan.readiness.models import PlannedAct
from anlan.readiness.plot import (
    Contradiction,
    Decide,
    Fact,
    IssueWarning,
    Leaders,
    Message,
    OpenIncident,
    Scenario,
    Texts,
)
from anlan.readiness.services import fact_note, message_check_note
from anlan.response.models import Incident, LevelProposal, Mismatch, StopLine
from anlan.response.services import (
    Announcement,
    Done,
    Receipt,
    body_level_set,
    body_named,
    claim_add,
    incident_open,
    leader_checkin,
    level_adopt,
    mismatch_adopt,
    stopline_act,
    task_done_many,
    task_receive_many,
)
from anlan.territory.models import Place, Post
from anlan.warning.models import Warning, WarningProposal
from anlan.warning.services import Texts as WarningTexts
from anlan.warning.services import warning_issue
from anlan.warning.services.checks import check_contradictions

SCENE = Actor.scenario("scenario")
EVIDENCE = {"text": "【演练】模拟岗位报告：已按要求处置 · exercise: simulated post reports it done"}


def play(story: Scenario, item: Item, at: datetime) -> None:
    """Let one item of the scenario happen at its time."""
    with clock.at(at):
        if isinstance(item, Fact):
            fact_note(by=SCENE, fact=item, at=at)
        elif isinstance(item, IssueWarning):
            _issue(story, item, at)
        elif isinstance(item, Decide):
            _decide(item, at)
        elif isinstance(item, Leaders):
            _leaders(item, at)
        elif isinstance(item, OpenIncident):
            _incident(story, item, at)
        elif isinstance(item, Contradiction):
            row = _incident(story, item, at)
            for one in item.said:
                claim_add(by=SCENE, incident=row.pk, topic=item.topic, value=one.value, text=one.text.as_dict(),
                          source=one.source, confidence="low", at=at)  # fmt: skip
        elif isinstance(item, Message):
            _message(story, item, at)


def _issue(story: Scenario, act: IssueWarning, at: datetime) -> None:
    """The weather office issues; a signal of the same kind still in force is updated by it."""
    by = _post_actor(Post.objects.filter(role="weather_issuer", division=story.division).order_by("code").first())
    standing = Warning.objects.filter(state="in_force", hazard=act.hazard, issuer_kind="weather", area=list(act.area))
    warning_issue(
        by=by, hazard=act.hazard, colour=act.colour, area=list(act.area), texts=_texts(story.texts[act.texts]),
        issuer_kind="weather", expires=at + timedelta(hours=act.valid_h), channels=list(act.channels),
        references=standing.order_by("-issued_at", "-id").first(), at=at,
    )  # fmt: skip


def _texts(texts: Texts) -> WarningTexts:
    return WarningTexts(
        headline_zh=texts.headline.zh, headline_en=texts.headline.en, description_zh=texts.description.zh,
        description_en=texts.description.en, instruction_zh=texts.instruction.zh, instruction_en=texts.instruction.en,
    )  # fmt: skip


def _post_actor(post: Post | None) -> Actor:
    """A simulated holder of a post; without such a post in this territory, the scenario itself."""
    return (
        SCENE
        if post is None
        else replace(Actor.scenario(post.name_zh), post=post.pk, organisation=post.organisation_id)
    )


def _decide(act: Decide, at: datetime) -> None:
    """A decision of the real event: that of the body which leads decides the response, others take their own level."""
    body = body_named(act.body)
    note = f"{act.previous} → {act.level}" if act.previous else ""
    if body.lead_id is None:
        post = Post.objects.filter(organisation__code=act.body, role="city_commander").order_by("code").first()
        level_adopt(
            by=_post_actor(post), plan=body.plan_code, level=act.level, track="history", post=post.pk if post else None,
            announce=Announcement(note=note), at=at,
        )  # fmt: skip
    else:
        body_level_set(by=SCENE, body=act.body, level=act.level, track="history", note=note, at=at)


def _leaders(act: Leaders, at: datetime) -> None:
    place = Place.objects.filter(name_zh=act.place).order_by("code").first()
    for role, count in act.roles.items():
        for post in Post.objects.filter(role=role).order_by("code")[:count]:
            leader_checkin(by=_post_actor(post), post=post.code, site=place.code if place else act.place, at=at)


def _incident(story: Scenario, act: OpenIncident | Contradiction, at: datetime) -> Incident:
    fact = story.fact(act.fact)
    place = Place.objects.filter(name_zh=act.place).order_by("code").first() if act.place else None
    return incident_open(
        by=SCENE, kind=act.kind, title=fact.what.as_dict(), division=place.division if place else act.division,
        source=f"{story.name} {fact.id} ({' '.join(fact.source)})", confidence="low" if fact.weak else "medium",
        unverified=fact.weak, lon=place.lon if place else None, lat=place.lat if place else None, at=at,
    )  # fmt: skip


def _message(story: Scenario, act: Message, at: datetime) -> None:
    """The text of the real event is held against the stop orders in force; it is not sent."""
    texts = story.texts[act.texts]
    refusal = None
    try:
        check_contradictions(_texts(texts), [story.division], SCENE, None)
    except Conflict as found:
        refusal = found.as_dict("zh")
    message_check_note(by=SCENE, fact=act.fact, text=texts.instruction.as_dict(), refusal=refusal, at=at)


def perform(acts: Sequence[PlannedAct]) -> int:
    """Do what simulated people had planned, in order; kinds that come in crowds go as one batch."""
    done = 0
    for kind, group in groupby(acts, key=lambda act: act.kind):
        batch = list(group)
        with clock.at(batch[-1].due_at):
            _KINDS[kind](batch)
        done += len(batch)
    return done


def _receive(batch: list[PlannedAct]) -> None:
    task_receive_many(by=SCENE, receipts=[Receipt(act.subject, act.due_at) for act in batch])


def _finish(batch: list[PlannedAct]) -> None:
    task_done_many(by=SCENE, done=[Done(act.subject, act.due_at, EVIDENCE) for act in batch])


def _one_by_one(do: Callable[[PlannedAct], None]) -> Callable[[list[PlannedAct]], None]:
    """Each act by itself; one that comes too late (decided, closed meanwhile) is passed over."""

    def each(batch: list[PlannedAct]) -> None:
        for act in batch:
            try:
                with transaction.atomic(), clock.at(act.due_at):
                    do(act)
            except Problem:
                continue

    return each


def _warn(act: PlannedAct) -> None:
    proposal = WarningProposal.objects.filter(pk=act.subject, state="open").first()
    post = Post.objects.filter(code=act.body["post"]).first()
    if proposal is None or post is None:
        return
    kind = "weather" if post.role == "weather_issuer" else "command"
    warning_issue(
        by=_post_actor(post), hazard=proposal.hazard, colour=proposal.colour, area=list(proposal.area),
        issuer_kind=kind, proposal=proposal, at=act.due_at,
    )  # fmt: skip


def _adopt(act: PlannedAct) -> None:
    row = LevelProposal.objects.filter(pk=act.subject, state="open").first()
    post = Post.objects.filter(code=act.body["post"]).first()
    if row is not None and post is not None:
        level_adopt(by=_post_actor(post), proposal=row.pk, post=post.pk, at=act.due_at)


def _follow(act: PlannedAct) -> None:
    """A linked command body takes the level its lead stands at now."""
    row = Mismatch.objects.filter(pk=act.subject, state="open").first()
    if row is not None:
        mismatch_adopt(by=SCENE, mismatch=row.pk, at=act.due_at)


def _stop(act: PlannedAct) -> None:
    line = StopLine.objects.filter(pk=act.subject, state="crossed").select_related("post").first()
    if line is not None:
        stopline_act(by=_post_actor(line.post), stopline=line.pk, evidence=EVIDENCE, at=act.due_at)


_KINDS: dict[str, Callable[[list[PlannedAct]], None]] = {
    simulate.RECEIVE: _receive,
    simulate.DONE: _finish,
    simulate.ISSUE: _one_by_one(_warn),
    simulate.ADOPT: _one_by_one(_adopt),
    simulate.STOP: _one_by_one(_stop),
    simulate.FOLLOW: _one_by_one(_follow),
}
