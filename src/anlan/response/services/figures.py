"""Figures about an incident: append-only, each with source and moment; what falls needs a reason, what contradicts waits."""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.figures import standing as stands
from anlan.response.engine.numerals import plain
from anlan.response.events import IncidentFigureSet
from anlan.response.models import Claim, Incident, IncidentFigure, Intake
from anlan.response.selectors.family import family
from anlan.response.services.claims import claim_add
from anlan.response.services.grades import RISING, figures_of, regrade
from anlan.response.services.incident_lock import locked
from anlan.warning.services.moment import pinned

MOST = 1e10


def figure_set(
    *,
    by: Actor,
    incident: UUID,
    metric: str,
    value: float | None = None,
    word: str = "",
    source: str,
    as_of: datetime | None = None,
    confidence: str = "medium",
    reason: str = "",
    intake: Intake | None = None,
    at: datetime | None = None,
) -> IncidentFigure:
    """Set a figure of an incident and grade it anew. `value` a number, or `word` where the metric holds words.

    A count that falls needs its `reason`. Without one it is refused from the source that said more before; from another
    source, and where another `intake` brought it (two callers without a name are one source only by its words), it is kept
    as disputed, both statements stand side by side and the desk is asked to verify. A figure as of an earlier moment than
    the one that stands goes into the history and changes nothing.

    Raises Forbidden, NotFound, Conflict (merged or closed), Invalid (metric, value, source, as_of; a fall without reason).
    """
    at = at or clock.now()
    as_of = as_of or at
    figure_check(metric, value, word, source, confidence)
    if as_of > at:
        raise Invalid(code="figure.future", zh="数据时点不能晚于现在。", en="A figure can't be as of a later moment than now.",
                      field="as_of", value=as_of)  # fmt: skip
    with pinned(at):
        row = locked(by, incident)
        held = standing(row, metric)
        disputed = _contradicts(held, metric, value, as_of, source, reason, intake)
        made = IncidentFigure.objects.create(
            incident=row, seq=_next_seq(row), division=row.division,
            metric=metric, value=value, word=word, as_of=as_of, at=at,
            source=source.strip(), confidence=confidence, reason=reason.strip(), disputed=disputed, intake=intake,
        )  # fmt: skip
        event = IncidentFigureSet(
            incident=str(row.pk), figure=str(made.pk), metric=metric, value=value, word=word, previous=_told(held),
            as_of=as_of, source=made.source, confidence=confidence, reason=made.reason, disputed=disputed,
        )  # fmt: skip
        record(event, by=by, about=f"incident:{row.pk}", division=row.division, at=at)
        if disputed and held is not None:
            _side_by_side(by, row, held, made, at)
        else:
            regrade(by=by, incident=row, at=at)
    return made


def _next_seq(incident: Incident) -> int:
    """The next number of an incident's figures; a split takes some away, so they aren't counted."""
    return (IncidentFigure.objects.filter(incident=incident).aggregate(last=Max("seq"))["last"] or 0) + 1


def standing(incident: Incident, metric: str) -> IncidentFigure | None:
    """Return the figure of a metric that stands for an incident and its family. Two queries."""
    return stands(figures_of(family(incident.pk)), RISING).get(metric)


def figures_meet(*, by: Actor, incident: Incident, into: Incident, at: datetime) -> None:
    """Two incidents become one: where a count told later is lower than one told before, both stand side by side, the
    higher one grades, and the desk is asked to verify. Call inside the transaction, before the merge."""
    one, other = (stands(figures_of(family(row.pk)), RISING) for row in (incident, into))
    for metric in codes.FIGURES:
        if metric in RISING and metric in one and metric in other:
            first, last = sorted((one[metric], other[metric]), key=lambda row: (row.as_of, row.at, row.seq))
            if first.value is not None and last.value is not None and last.value < first.value and not last.reason:
                _side_by_side(by, into, first, last, at)


def figure_check(metric: str, value: float | None, word: str, source: str, confidence: str) -> None:
    """Raise Invalid unless this is a figure that can be: a known metric, a number or a word it may hold, a source."""
    rule = codes.EVERY_FIGURE.get(metric)
    if rule is None:
        raise Invalid(code="figure.metric", zh=f"没有指标“{metric}”；可用：{'、'.join(codes.EVERY_FIGURE)}。",
                      en=f"There is no metric “{metric}”; use one of: {', '.join(codes.EVERY_FIGURE)}.", field="metric",
                      value=metric)  # fmt: skip
    if rule.words is not None:
        if value is not None or word not in rule.words:
            raise Invalid(code="figure.word", zh=f"“{rule.zh}”应为：{'、'.join(one.zh for one in rule.words.values())}。",
                          en=f"{rule.en} is one of: {', '.join(rule.words)}.", field="word", value=word)  # fmt: skip
    elif word or value is None or not math.isfinite(value) or not 0 <= value <= MOST or (rule.whole and value % 1):
        number_zh, number_en = ("整数", "a whole number") if rule.whole else ("数", "a number")
        raise Invalid(code="figure.value", zh=f"“{rule.zh}”应为不小于0的{number_zh}。",
                      en=f"{rule.en} is {number_en} not below 0.", field="value", value=value)  # fmt: skip
    if not source.strip():
        raise Invalid(code="figure.no_source", zh="请写明数据来源。", en="Say where the figure comes from.", field="source",
                      value=source)  # fmt: skip
    if confidence not in choices.CONFIDENCES:
        raise Invalid(code="figure.confidence", zh="可信度应为低、中或高。", en="Confidence is low, medium or high.",
                      field="confidence", value=confidence)  # fmt: skip


def _contradicts(
    held: IncidentFigure | None, metric: str, value: float | None, as_of: datetime, source: str, reason: str,
    intake: Intake | None,
) -> bool:  # fmt: skip
    """Does a figure contradict the one that stands? Raises Invalid when its own source said more and gives no reason."""
    if held is None or value is None or held.value is None or not codes.EVERY_FIGURE[metric].rises:
        return False
    if value >= held.value or as_of < held.as_of or reason.strip():
        return False
    if source.strip() == held.source and (intake is None or intake.pk == held.intake_id):
        raise Invalid(
            code="figure.fall_without_reason",
            zh=f"“{codes.EVERY_FIGURE[metric].zh}”由{plain(held.value)}降为{plain(value)}，请写明减少的原因。",
            en=f"{codes.EVERY_FIGURE[metric].en} falls from {plain(held.value)} to {plain(value)}: give the reason.",
            field="reason",
            value=value,
            was=held.value,
        )
    return True


def _side_by_side(by: Actor, row: Incident, held: IncidentFigure, made: IncidentFigure, at: datetime) -> None:
    """Both figures become statements on one topic, which asks the desk to verify."""
    topic = made.metric
    said = [figure for figure in (held, made) if not _claimed(row, figure)]
    for figure in said:
        rule, value = codes.FIGURES[figure.metric], plain(figure.value or 0)
        moment = figure.as_of.astimezone(clock.BEIJING).strftime("%m-%d %H:%M")
        text = {
            "zh": f"{rule.zh}{value}{rule.unit_zh}（截至{moment}）",
            "en": f"{rule.en}: {value} {rule.unit_en} (as of {moment})",
        }
        claim_add(
            by=by, incident=row.pk, topic=topic, value=value, text=text, source=figure.source,
            confidence=figure.confidence, said_at=figure.as_of, at=at,
        )  # fmt: skip


def _claimed(row: Incident, figure: IncidentFigure) -> bool:
    return Claim.objects.filter(
        incident=row, topic=figure.metric, value=plain(figure.value or 0), source=figure.source
    ).exists()


def _told(row: IncidentFigure | None) -> float | str | None:
    if row is None:
        return None
    return row.value if row.value is not None else row.word
