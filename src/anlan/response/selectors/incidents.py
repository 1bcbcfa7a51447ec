"""Incidents for people: the list, reports waiting for a decision, what may be one event, where a place is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.alike import HOURS, Seen, alike, ranked
from anlan.response.engine.grading import GRADES
from anlan.response.formats.grades import event_types
from anlan.response.models import Incident, Intake
from anlan.territory.models import Division
from anlan.territory.selectors import division_names
from anlan.territory.selectors.divisions import point_division
from anlan.warning.selectors.spots import spot_get, spots_named

PAGE = 50


def incidents_list(
    scope: Scope,
    *,
    state: str = "open",
    grade: str = "",
    type_code: str = "",
    words: str = "",
    after: int = 0,
    limit: int = PAGE,
) -> tuple[list[dict[str, Any]], int]:
    """Return incidents inside the scope, the gravest and then the newest first, and how many there are. `state` "" any;
    `grade` "none" for those without; `type_code` a beginning of a class; `words` in name, place or source. Three queries."""
    rows: QuerySet[Incident] = scope.filter(Incident.objects.all())
    if state:
        rows = rows.filter(state=state)
    if grade:
        rows = rows.filter(grade="" if grade == "none" else grade)
    if type_code:
        rows = rows.filter(type_code__startswith=type_code.rstrip("0") or type_code)
    for word in words.split():
        rows = rows.filter(Q(title_zh__contains=word) | Q(title_en__icontains=word) | Q(place_words__contains=word)
                           | Q(source__icontains=word))  # fmt: skip
    rank = Case(*(When(grade=code, then=place) for place, code in enumerate(GRADES)), default=len(GRADES))
    closed = Case(When(state="open", then=0), default=1)
    found = list(
        rows.annotate(rank=rank, closed=closed).order_by("closed", "rank", "-opened_at", "id")[after : after + limit]
    )
    names = division_names([row.division for row in found])
    return [listed(row, names) for row in found], rows.count()


def listed(row: Incident, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What a list tells of an incident."""
    found = event_types().find(row.type_code)
    return {
        "row": row,
        "id": str(row.pk),
        "title": {"zh": row.title_zh, "en": row.title_en},
        "type": {"zh": found.zh, "en": found.en} if found else None,
        "grade": choices.name(choices.GRADES, row.grade) if row.grade else None,
        "state": choices.name(choices.INCIDENT_STATES, row.state),
        "place": names.get(row.division, {"zh": row.division, "en": row.division}),
    }


def intakes_waiting(scope: Scope) -> list[Intake]:
    """Return the reports nobody has decided yet, the longest waiting first. One query."""
    return list(scope.filter(Intake.objects.filter(state="new")).order_by("received_at", "id")[:100])


def intake_get(scope: Scope, intake: UUID) -> Intake:
    """Return a report; NotFound outside the scope. One query."""
    row = scope.filter(Intake.objects.select_related("incident").filter(pk=intake)).first()
    if row is None:
        raise NotFound(code="intake.not_found", zh="没有这条接报，或不在您的范围内。",
                       en="There is no such report, or it is not in your scope.", field="intake", value=intake)  # fmt: skip
    found: Intake = row
    return found


def seen_of(row: Intake) -> Seen:
    """A report as it is compared with others."""
    return Seen(row.lon, row.lat, row.division, row.happened_at or row.received_at, row.type_code)


def incidents_near(scope: Scope, seen: Seen, *, but: Sequence[UUID] = (), most: int = 5) -> list[dict[str, Any]]:
    """Return open incidents that may be the same event: near in place and time and of a class that fits, likeliest first,
    each with `why` in words and `km`. Two queries."""
    since = seen.at - timedelta(hours=HOURS)
    rows = scope.filter_chain(Incident.objects.filter(state="open", opened_at__gte=since)).exclude(pk__in=list(but))
    known = {str(row.pk): row for row in rows.order_by("-opened_at")[:500]}
    told = [
        (key, alike(seen, Seen(row.lon, row.lat, row.division, row.happened_at or row.opened_at, row.type_code)))
        for key, row in known.items()
    ]
    best = ranked(told, most)
    names = division_names([known[key].division for key, _ in best])
    return [
        {**listed(known[key], names), "km": found.km, "why": [word.as_dict() for word in found.why],
         "score": round(found.score, 2)}
        for key, found in best
    ]  # fmt: skip


def where_named(scope: Scope, words: str) -> list[dict[str, Any]]:
    """Return places of this name to choose from: townships, villages and counties, then stations, places and units; each
    {name, kind, division, lon, lat}. Six queries and one a spot."""
    match = Q(name_zh__contains=words) | Q(name_en__icontains=words) | Q(code__startswith=words)
    rows = scope.filter(Division.objects.filter(match, level__gte=3), "code").order_by("level", "code")[:8]
    kinds = {3: ("县（区）", "County"), 4: ("乡镇（街道）", "Township"), 5: ("村（社区）", "Village")}
    found = [
        {"name": {"zh": row.name_zh, "en": row.name_en}, "division": row.code, "lon": row.lon, "lat": row.lat,
         "kind": dict(zip(("zh", "en"), kinds.get(row.level, ("区划", "Division")), strict=True))}
        for row in rows
    ]  # fmt: skip
    for spot in spots_named(scope, words)[:8]:
        point = spot_get(scope, spot["of"])
        division = point_division(point["lon"], point["lat"])
        found.append({"name": spot["name"], "kind": spot["kind"], "division": division, **_at(point)})
    return [one for one in found if one["division"]]


def _at(point: dict[str, Any]) -> dict[str, float]:
    return {"lon": point["lon"], "lat": point["lat"]}


def place_at(scope: Scope, lon: float, lat: float) -> dict[str, Any] | None:
    """Return the division a point lies in, {division, name}, when it is inside the scope; None else."""
    code = point_division(lon, lat)
    if not code or not scope.covers(code):
        return None
    return {"division": code, "name": division_names([code]).get(code, {"zh": code, "en": code})}


def doors() -> list[dict[str, Any]]:
    """The doors a desk may name, for forms."""
    return [{"code": one.code, "name": {"zh": one.zh, "en": one.en}} for one in codes.DOORS.values()]
