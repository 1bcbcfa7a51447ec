"""Stop-lines: the post on the spot acts first and reports after (先停后报)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record, record_many
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine import plan as rulebook
from anlan.response.engine.stopline import Reading, first_crossing, latest
from anlan.response.events import StopLineActed, StopLineCrossed, StopLineReset, StopLinesRead, StopLinesSet
from anlan.response.models import StopLine, Task
from anlan.response.services.rings import stoplines_ring
from anlan.response.services.tasks import OPEN, Done, called_off, issued_event, task_done_many
from anlan.response.services.writing import rows_insert, rows_update
from anlan.territory.models import Place, Post
from anlan.warning.services.moment import pinned

Item = tuple[Event, dict[str, Any]]


def stoplines_set(*, by: Actor, rules: rulebook.Plan, at: datetime | None = None) -> list[StopLine]:
    """Give every place the plan speaks of its stop-line, where it has none yet; return the new ones.

    A place's own number (attribute `stop_line_cm`) goes before the plan's. The post is the one of the rule's role that
    stands at the place.
    """
    at = at or clock.now()
    with pinned(at):
        known = set(StopLine.objects.filter(division__startswith=rules.area).values_list("place_id", "metric"))
        made: list[StopLine] = []
        for rule in rules.pre_authorised:
            places = Place.objects.filter(kind=rule.place_kind, division__startswith=rules.area).order_by("code")
            posts: dict[UUID, Post] = {}
            for post in Post.objects.filter(place__in=places, role=rule.role).order_by("-code"):
                posts[post.place_id] = post  # type: ignore[index]
            made += [_line(rules, rule, place, posts[place.pk]) for place in places
                     if place.pk in posts and (place.pk, rule.metric) not in known]  # fmt: skip
        if made:
            StopLine.objects.bulk_create(made, batch_size=500)
            event = StopLinesSet(count=len(made), stoplines=[str(line.pk) for line in made],
                                 source=f"{rules.code} v{rules.version}")  # fmt: skip
            record(event, by=by, about=f"stoplines:{rules.code}", division=rules.area, at=at)
    return made


def _line(rules: rulebook.Plan, rule: rulebook.PreAuthorised, place: Place, post: Post) -> StopLine:
    own = place.attributes.get("stop_line_cm")
    limit = own / 100 if isinstance(own, int | float) and rule.unit == "m" else rule.limit
    return StopLine(
        place=place, post=post, division=place.division, action=rule.action, metric=rule.metric, unit=rule.unit,
        limit=limit, text_zh=rule.text.zh, text_en=rule.text.en, receipt_min=rule.receipt, within_min=rule.within,
        basis={"zh": f"{rules.name.zh}预授权", "en": f"Pre-authorised by {rules.name.en}", "mark": rule.mark,
               "plan": f"{rules.code} v{rules.version}"},
    )  # fmt: skip


def stopline_read(*, by: Actor, readings: Sequence[Reading], at: datetime | None = None) -> list[StopLine]:
    """Take readings at stop-lines (place code, metric, value, time); return the lines that were crossed by them.

    Readings at places without a stop-line are passed over. A crossing sends a task to the post on the spot at the
    time of the reading that crossed. What has not changed is not written again.
    A line that was crossed or acted on is not crossed again until it is reset. Who sits at the post is rung at once. A
    handful of statements, however many lines are crossed in one act.
    """
    if not readings:
        return []
    at = at or max(reading.at for reading in readings)
    with pinned(at):
        places = sorted({reading.place for reading in readings})
        lines = {
            (line.place.code, line.metric): line
            for line in StopLine.objects.select_for_update(of=("self",)).select_related("place", "post")
            .filter(place__code__in=places).order_by("id")
        }  # fmt: skip
        touched: list[StopLine] = []
        crossed: list[StopLine] = []
        tasks: list[Task] = []
        told: list[Item] = []
        for key, group in groupby(sorted(readings), key=lambda reading: (reading.place, reading.metric)):
            line = lines.get(key)
            if line is None:
                continue
            series = list(group)
            last = latest(series)
            if last.value != line.value and (line.value_at is None or last.at >= line.value_at):
                line.value, line.value_at = last.value, last.at
                touched.append(line)
            over = first_crossing(series, line.limit)
            if over is not None and line.state == "watching":
                tasks.append(_cross(by, line, over, told))
                crossed.append(line)
        rows_insert(tasks)
        record_many(told)
        _store(by, touched, crossed)
        stoplines_ring(by=by, tasks=tasks, at=at)
    return crossed


def _cross(by: Actor, line: StopLine, reading: Reading, told: list[Item]) -> Task:
    """Make the task of a crossing, and put what is to be told of it into `told`, ids drawn one crossing after the other."""
    receipt = reading.at + timedelta(minutes=line.receipt_min)
    task = Task(
        code=f"S-{line.action}", action=line.action, text_zh=f"{line.place.name_zh}：{line.text_zh}",
        text_en=f"{line.place.name_en}: {line.text_en}", owner_post=line.post, place=line.place,
        division=line.division, issued_at=reading.at, receipt_due_at=receipt,
        due_at=reading.at + timedelta(minutes=line.within_min), next_at=receipt, stop_line=True, basis=line.basis,
        evidence_asked={"zh": "照片和时间", "en": "photograph with time"}, about=f"stopline:{line.pk}",
    )  # fmt: skip
    line.state, line.crossed_at, line.task = "crossed", reading.at, task
    about = f"stopline:{line.pk}"
    event = StopLineCrossed(
        stopline=str(line.pk), place=line.place.code, metric=line.metric, value=reading.value, limit=line.limit,
        unit=line.unit, post=line.post.code, task=str(task.pk), text={"zh": task.text_zh, "en": task.text_en},
    )  # fmt: skip
    meta = {"by": by, "about": about, "division": line.division, "at": reading.at}
    told.append((event, {**meta, "uid": ids.new_id()}))
    told.append((issued_event([task], "main"), {**meta, "uid": ids.new_id()}))
    return task


def _store(by: Actor, touched: list[StopLine], crossed: list[StopLine]) -> None:
    changed = list({line.pk: line for line in [*touched, *crossed]}.values())
    if not changed:
        return
    fields = ["value", "value_at", "state", "crossed_at", "task"]
    rows_update(changed, fields)
    # One entry per county keeps each county's readings out of the others' sight.
    for county, group in groupby(sorted(touched, key=lambda line: line.place.code), key=lambda line: line.division[:6]):
        lines = list(group)
        event = StopLinesRead(stoplines=[str(line.pk) for line in lines], values=[line.value or 0.0 for line in lines])
        moment = max(line.value_at for line in lines if line.value_at)
        record(event, by=by, about=f"stoplines:{county}", division=county, at=moment)


def stopline_act(*, by: Actor, stopline: UUID, evidence: dict[str, Any], at: datetime | None = None) -> StopLine:
    """Report, after the act, that the post on the spot has stopped or closed. Acting before the line is reached is
    its right too. Raises NotFound, Forbidden, Invalid (no evidence), Conflict (already reported)."""
    at = at or clock.now()
    with pinned(at):
        line = _locked(by, stopline)
        by.must("stopline.act", line.division)
        if not str(evidence.get("text", "")).strip():
            raise Invalid(
                code="stopline.no_evidence",
                zh="请说明何时、怎样关停（照片或一句话）。",
                en="Say when and how it was stopped: a photograph or one sentence.",
                field="evidence",
                value=evidence,
            )
        if line.state == "acted":
            raise Conflict(code="stopline.acted", zh="已报告处置。", en="The act is already reported.",
                           field="stopline", value=stopline)  # fmt: skip
        line.state, line.acted_at = "acted", at
        line.save(update_fields=["state", "acted_at"])
        seconds = int((at - line.crossed_at).total_seconds()) if line.crossed_at else None
        event = StopLineActed(stopline=str(line.pk), place=line.place.code, post=line.post.code, action=line.action,
                              evidence=evidence, seconds=seconds)  # fmt: skip
        record(event, by=by, about=f"stopline:{line.pk}", division=line.division, at=at)
        if line.task_id is not None and line.task is not None and line.task.state in OPEN:
            task_done_many(by=by, done=[Done(line.task_id, at, evidence)])
    return line


def stopline_reset(*, by: Actor, stopline: UUID, reason: str, at: datetime | None = None) -> StopLine:
    """Watch a stop-line again, once the danger is over; needs a reason and somebody who may decide levels. What the crossing
    asked of the post is called off where it is still open."""
    at = at or clock.now()
    with pinned(at):
        line = _locked(by, stopline)
        by.must("level.decide", line.division)
        if not reason.strip():
            raise Invalid(code="stopline.no_reason", zh="请写明恢复监视的理由。", en="Give the reason for the reset.",
                          field="reason", value=reason)  # fmt: skip
        asked = list(Task.objects.select_for_update().filter(pk__in=[line.task_id], state__in=OPEN))
        line.state, line.crossed_at, line.acted_at, line.task = "watching", None, None, None
        line.save(update_fields=["state", "crossed_at", "acted_at", "task"])
        event = StopLineReset(stopline=str(line.pk), place=line.place.code, reason=reason)
        about = f"stopline:{line.pk}"
        record(event, by=by, about=about, division=line.division, at=at)
        if asked:
            called_off(by, asked, about=about, division=line.division, reason=reason, at=at)
    return line


def _locked(by: Actor, stopline: UUID) -> StopLine:
    rows = StopLine.objects.select_for_update(of=("self",)).select_related("place", "post", "task")
    line = rows.filter(pk=stopline).first()
    if line is None or not by.scope.sees(line.division):
        raise NotFound(code="stopline.not_found", zh="没有这条停止线，或不在您的范围内。",
                       en="There is no such stop-line, or it is not in your scope.", field="stopline",
                       value=stopline)  # fmt: skip
    return line
