"""What is the case about single events: their grade and figures, and the responses of other plans they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from anlan.response.choices_incidents import FIGURES
from anlan.response.engine.figures import standing
from anlan.response.engine.metrics import GRADES, METRICS, conditions, covers, hazards_of
from anlan.response.engine.numerals import plain
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN, Plan, Words
from anlan.response.engine.triggers import Fact
from anlan.response.models import Incident, IncidentFigure, IncidentGrade, Level

RISING = frozenset(metric for metric, rule in FIGURES.items() if rule.rises)
BOTH = ("deaths", "missing")
_FAMILIES = """
WITH RECURSIVE f AS (
  SELECT id, id AS root FROM response_incident WHERE id = ANY(%s)
  UNION SELECT i.id, f.root FROM response_incident i JOIN f ON i.merged_into_id = f.id
) SELECT id, root FROM f
"""
Stands = dict[str, IncidentFigure]


def event_facts(rules: Plan, spoken: frozenset[str], at: datetime, incident: UUID | None) -> list[Fact]:
    """Return the facts about the events of a plan's area that its codes cover, or about one of them. Five queries at most.

    An event nobody has classed yet says nothing to any plan: it is classed first.
    """
    found: list[Fact] = []
    if "upper_level" in spoken:
        found += _levels(rules, at)
    if spoken - {"upper_level"}:
        rows = _events(rules, incident)
        keys = [row.pk for row in rows]
        figures = figures_standing(keys, at)
        guessed = _first_guesses(keys) if "grade" in spoken else set()
        for row in rows:
            found += _of_event(row, figures.get(row.pk, {}), spoken, guessed=row.pk in guessed)
    return found


def _events(rules: Plan, incident: UUID | None) -> list[Incident]:
    rows = Incident.objects.filter(state="open", division__startswith=rules.area).exclude(type_code="")
    if incident is not None:
        rows = rows.filter(pk=incident)
    hazards = hazards_of(rules)
    return [row for row in rows.order_by("opened_at", "id") if any(covers(h, row.type_code) for h in hazards)]


def figures_standing(incidents: Sequence[UUID], at: datetime) -> dict[UUID, Stands]:
    """Return, for each incident with what was merged into it, the undisputed figures that stand at `at`, by metric. Two
    queries."""
    if not incidents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FAMILIES, [list(incidents)])
        roots = dict(cursor.fetchall())
    told: dict[UUID, list[IncidentFigure]] = {}
    rows = IncidentFigure.objects.filter(incident__in=list(roots), disputed=False, at__lte=at)
    for row in rows.order_by("as_of", "at", "seq", "id"):
        told.setdefault(roots[row.incident_id], []).append(row)
    return {key: standing(same, RISING) for key, same in told.items()}


def _first_guesses(incidents: Sequence[UUID]) -> set[UUID]:
    """Which of the events are graded by a first guess only (初判). One query."""
    rows = (
        IncidentGrade.objects.filter(incident__in=list(incidents))
        .order_by("seq")
        .values_list("incident", "first_guess")
    )
    return {incident for incident, guess in dict(rows).items() if guess}


def _of_event(row: Incident, figures: Stands, spoken: frozenset[str], *, guessed: bool) -> Iterator[Fact]:
    """The facts of one event: its figures, dead and missing together, the magnitude with the density of its place, its
    grade."""
    for metric, figure in sorted(figures.items()):
        if metric in spoken and metric not in ("magnitude", "dead_missing") and figure.value is not None:
            yield _figure(row, metric, figure.value, figure)
    if "dead_missing" in spoken:
        yield from _dead_missing(row, figures)
    if "magnitude" in spoken and "magnitude" in figures:
        yield from _magnitude(row, figures)
    if "grade" in spoken and row.grade:
        name, first = GRADES[row.grade], ("（初判）", " (first guess)") if guessed else ("", "")
        text = Words(f"{row.title_zh}：{name.zh}{first[0]}", f"{row.title_en}: {name.en}{first[1]}")
        yield Fact("grade", f"incident:{row.pk}", (row.division,), row.known_at or row.opened_at, text, metric="grade",
                   hazard=row.type_code, incident=str(row.pk), grade=row.grade)  # fmt: skip


def _dead_missing(row: Incident, figures: Stands) -> Iterator[Fact]:
    """The figure told for both, or the sum of the two, whichever is more: nobody may look at one to miss the other."""
    told = figures.get("dead_missing")
    parts = [figure for metric in BOTH if (figure := figures.get(metric)) is not None and figure.value is not None]
    total = sum(figure.value or 0 for figure in parts)
    if told is not None and told.value is not None and told.value >= total:
        yield _figure(row, "dead_missing", told.value, told)
    elif parts:
        yield _figure(row, "dead_missing", total, max(parts, key=lambda figure: (figure.at, figure.pk)))


def _magnitude(row: Incident, figures: Stands) -> Iterator[Fact]:
    figure = figures["magnitude"]
    if figure.value is None:
        return
    density = figures["density"].word if "density" in figures else ""
    guessed = density or "populous"  # nobody has told: the milder of the two columns, and it is said
    fact = _figure(row, "magnitude", figure.value, figure)
    unsure = Words("（人口密度未定，按较密集地区初判）", " (density not told: taken as populated)")
    text = fact.text if density else Words(fact.text.zh + unsure.zh, fact.text.en + unsure.en)
    yield fact._replace(source="quake", density=guessed, text=text)


def _figure(row: Incident, metric: str, value: float, figure: IncidentFigure) -> Fact:
    name = METRICS[metric]
    text = Words(
        f"{row.title_zh}：{name.name.zh}{plain(value)}{name.unit.zh}",
        f"{row.title_en}: {name.name.en} {plain(value)} {name.unit.en}".rstrip(),
    )
    return Fact("figure", f"figure:{figure.pk}", (row.division,), figure.at, text, metric=metric, value=value,
                hazard=row.type_code, incident=str(row.pk))  # fmt: skip


def _levels(rules: Plan, at: datetime) -> Iterator[Fact]:
    """Responses of the other plans the conditions name, in force at `at`. One query."""
    codes = sorted({condition.plan for condition in conditions(rules) if condition.plan})
    rows = Level.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at), plan__code__in=codes, track="main", since__lte=at
    )
    named = rows.order_by("since", "id").values_list(
        "id", "plan__code", "plan__name_zh", "plan__name_en", "level", "since", "division", "incident"
    )
    for key, code, zh, en, level, since, division, event in named:
        text = Words(f"《{zh}》执行{NUMERALS[level]}级响应", f"{en}: level {NUMERALS_EN[level]} in force")
        yield Fact(
            "level", f"level:{key}", (division,), since, text, metric="upper_level", value=level, plan=code,
            incident=str(event) if event else "",
        )  # fmt: skip
