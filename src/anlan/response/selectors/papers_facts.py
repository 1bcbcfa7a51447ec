"""What the record says of an event, a response, a day or a disaster, as papers are filled from it. All in the reader's scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.figures import standing
from anlan.response.engine.metrics import METRICS
from anlan.response.engine.papers.facts import Event, Figure, Statement, Step, Work
from anlan.response.engine.text import Words
from anlan.response.formats.grades import event_types
from anlan.response.models import Claim, Incident, IncidentFigure, IncidentGrade, Level, Task
from anlan.response.selectors.family import family
from anlan.response.selectors.papers_levels import response_facts, works
from anlan.response.selectors.timeline import incident_timeline
from anlan.territory.selectors import division_names

# What happens inside the house is no part of the course that is told to others.
SILENT = ("paper.", "report.", "live.", "call.")


def local(at: datetime | None) -> datetime | None:
    """A moment in the zone papers are printed in."""
    return at.astimezone(ZoneInfo(options.time_zone)) if at is not None else None


def event_facts(scope: Scope, incident: UUID, at: datetime) -> Event:
    """Return an event with its family: figures that stand and those disputed, statements, course, responses, work.

    NotFound outside the scope. About ten queries.
    """
    row = Incident.objects.filter(pk=incident).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。", field="incident", value=incident,
                       en="There is no such incident, or it is not in your scope.")  # fmt: skip
    keys = family(incident)
    levels = Level.objects.filter(incident__in=keys, track="main").defer("plan__body")
    rows = levels.select_related("plan", "decided_by_post", "proposal").order_by("since", "id")
    tasks = scope.filter(Task.objects.filter(incident__in=keys, track="main").exclude(state="cancelled"))
    return event_of(
        row, at,
        figures=_figures(keys), statements=_statements(keys), steps=_course(scope, incident),
        responses=tuple(response_facts(scope, level, tasks=False) for level in rows), work=works(tasks),
    )  # fmt: skip


def event_of(row: Incident, at: datetime, **more: object) -> Event:
    """Return an event's head as facts; `more` the rest."""
    found = event_types().find(row.type_code)
    short = choices.INCIDENT_KINDS.get(row.kind)
    kind = Words(found.zh, found.en) if found else Words(short.zh, short.en) if short else Words("突发事件", "Event")
    grade = choices.GRADES.get(row.grade)
    now = local(at)
    return Event(
        title=Words(row.title_zh, row.title_en), place=_place(row), kind=kind,
        grade=Words(grade.zh, grade.en) if grade else Words("", ""), happened_at=local(row.happened_at),
        known_at=local(row.known_at or row.opened_at), source=Words(**codes.source_words(row.source)), unverified=row.unverified,
        as_of=now or at, state=row.state, citation=_citation(row), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _place(row: Incident) -> Words:
    names = division_names([row.division]).get(row.division, {"zh": row.division, "en": row.division})
    words = row.place_words.strip()
    if not words or words in names["zh"]:
        return Words(names["zh"], names["en"])
    return Words(words if words.startswith(names["zh"]) else names["zh"] + words, f"{words}, {names['en']}")


def _citation(row: Incident) -> Words:
    last = IncidentGrade.objects.filter(incident=row).order_by("seq").last()
    if last is None or not last.criterion:
        return Words("", "")
    told = last.criterion
    return Words(str(told.get("zh", "")), str(told.get("en", "")))


def _figures(keys: Iterable[UUID]) -> tuple[Figure, ...]:
    """The figure that stands of each metric, then those that are disputed and newer than it."""
    rows = list(IncidentFigure.objects.filter(incident__in=list(keys)).order_by("as_of", "at", "seq", "id"))
    rising = frozenset(metric for metric, rule in codes.FIGURES.items() if rule.rises)
    held = standing([row for row in rows if not row.disputed], rising)
    order = list(METRICS)
    found = sorted(held.values(), key=lambda row: order.index(row.metric) if row.metric in order else len(order))
    doubts = [row for row in rows if row.disputed and (row.metric not in held or row.as_of >= held[row.metric].as_of)]
    return tuple(_figure(row) for row in (*found, *doubts))


def _figure(row: IncidentFigure) -> Figure:
    metric = METRICS.get(row.metric)
    name = metric.name if metric else Words(row.metric, row.metric)
    unit = metric.unit if metric else Words("", "")
    said = Words(row.word, row.word)
    return Figure(row.metric, name, unit, row.value, local(row.as_of) or row.as_of, row.source, row.disputed, said)


def _statements(keys: Iterable[UUID]) -> tuple[Statement, ...]:
    rows = Claim.objects.filter(incident__in=list(keys)).order_by("topic", "said_at", "id")
    return tuple(
        Statement(row.topic, row.value, Words(row.text_zh, row.text_en), row.source, local(row.said_at) or row.said_at, row.state,
                  row.contradicted)
        for row in rows if row.topic not in METRICS
    )  # fmt: skip


def _course(scope: Scope, incident: UUID) -> tuple[Step, ...]:
    found = []
    for entry in incident_timeline(scope, incident):
        if not entry["kind"].startswith(SILENT):
            at = local(datetime.fromisoformat(entry["at"]))
            who = entry["by"]["name"] if entry["by"]["kind"] == "person" else ""
            if at is not None:
                found.append(Step(at, Words(entry["text"]["zh"], entry["text"]["en"]), who))
    return tuple(found)


def day_span(day: date) -> tuple[datetime, datetime]:
    """The first and the last moment of a day in the printed zone."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(options.time_zone))
    return start, start + timedelta(days=1)


def work_open(scope: Scope, division: str) -> tuple[int, int]:
    """How many tasks are open in a division, and how many of them overdue."""
    rows = scope.filter(Task.objects.filter(division__startswith=division, track="main"))
    states = list(rows.filter(state__in=("issued", "received", "overdue")).values_list("state", flat=True))
    return len(states), states.count("overdue")


def tasks_of(work: Iterable[Work]) -> int:
    """How many are done."""
    return sum(one.done_at is not None for one in work)
