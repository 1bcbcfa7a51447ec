"""REST routes of incidents: reports handed over by other systems, figures, grades, merging and splitting, their course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from anlan.response import services
from anlan.response.api.schemas import LIST, READ, WRITE, Listed, ReasonIn
from anlan.response.api.schemas_incidents import (
    ChangeOut,
    CourseOut,
    DetailOut,
    FigureIn,
    FigureOut,
    GradeIn,
    GradeOut,
    IntakeIn,
    IntakeOut,
    JoinIn,
    MergeIn,
    OpenIn,
    SplitIn,
)
from anlan.response.formats.grades import event_types
from anlan.response.models import Intake
from anlan.response.selectors.incident_detail import incident_detail
from anlan.response.selectors.incidents import intakes_waiting
from anlan.response.selectors.timeline import incident_timeline
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])

SAID = ("what", "type_code", "happened_at", "place_words", "lon", "lat", "cause", "measures", "trend", "casualties",
        "told", "confidence")  # fmt: skip


def _intake(row: Intake) -> dict[str, Any]:
    return {"id": row.pk, "state": row.state, "revision": row.revision, "received_at": row.received_at,
            "incident": row.incident_id}  # fmt: skip


@router.post("/intakes", response={200: IntakeOut, **WRITE}, openapi_extra={"x-right": "response.transfer"})
def intake_hand_in(request: HttpRequest, body: IntakeIn) -> dict[str, Any]:
    """Hand a report over from another system (110, 119, 120, a hotline, another level). The same message under the same
    number is taken once, however often it is sent; another one under it is its next revision."""
    said = services.Said(**{name: getattr(body, name) for name in SAID}, caller=body.caller.dict())
    row = services.incident_receive(
        by=_actor(request), door=body.door, division=body.division, said=said, source_system=body.source_system,
        source_ref=body.source_ref,
    )  # fmt: skip
    return _intake(row)


@router.get("/intakes", response={200: Listed, **READ})
def intakes(request: HttpRequest) -> dict[str, Any]:
    """List the reports nobody has decided yet, the longest waiting first. Who called is not told here."""
    rows = intakes_waiting(_actor(request).scope)
    return {"items": [{**_intake(row), "door": row.door, "division": row.division, "what": row.what, "place": row.place_words,
                       "type": row.type_code, "casualties": row.casualties} for row in rows]}  # fmt: skip


@router.post("/intakes/{intake}/open", response={200: IntakeOut, **WRITE})
def intake_open(request: HttpRequest, intake: UUID, body: OpenIn) -> dict[str, Any]:
    """Open an incident of a report; it is graded at once by what is known."""
    title = body.title.dict() if body.title else None
    services.intake_open(by=_actor(request), intake=intake, title=title)
    return _intake(Intake.objects.get(pk=intake))


@router.post("/intakes/{intake}/join", response={200: IntakeOut, **WRITE})
def intake_join(request: HttpRequest, intake: UUID, body: JoinIn) -> dict[str, Any]:
    """Join a report to an open incident; its figures come with it."""
    return _intake(services.intake_join(by=_actor(request), intake=intake, incident=body.incident))


@router.post("/intakes/{intake}/dismiss", response={200: IntakeOut, **WRITE})
def intake_dismiss(request: HttpRequest, intake: UUID, body: ReasonIn) -> dict[str, Any]:
    """Say why a report opens no incident."""
    return _intake(services.intake_dismiss(by=_actor(request), intake=intake, reason=body.reason))


@router.get("/incidents/{incident}", response={200: DetailOut, **READ})
def incident(request: HttpRequest, incident: UUID) -> dict[str, Any]:
    """Tell what is known of an incident."""
    found = incident_detail(_actor(request).scope, incident)
    row = found["row"]
    plain = ("division", "place_words", "lon", "lat", "type_code", "state", "grade", "happened_at", "known_at",
             "unverified", "contradicted")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "id": row.pk, "title": found["title"], "merged_into": row.merged_into_id,
        "family": [one["id"] for one in found["family"]],
        "figures": [_figure(one) for one in found["figures"]],
        "grades": [_grade(one["row"]) for one in found["grades"]],
        "claims": [{"topic": topic["topic"], "contradicted": topic["contradicted"], "said": [
            {"id": str(one["row"].pk), "value": one["row"].value, "text": one["text"], "source": one["row"].source,
             "state": one["row"].state, "confidence": one["row"].confidence, "said_at": one["row"].said_at}
            for one in topic["rows"]]} for topic in found["claims"]],
    }  # fmt: skip


def _figure(one: dict[str, Any]) -> dict[str, Any]:
    rows = [{"value": each["row"].value, "word": each["row"].word, "as_of": each["row"].as_of, "at": each["row"].at,
             "source": each["row"].source, "confidence": each["row"].confidence, "reason": each["row"].reason,
             "disputed": each["row"].disputed, "stands": each["stands"]} for each in one["rows"]]  # fmt: skip
    return {"metric": one["metric"], "name": one["name"], "history": rows}


def _grade(row: Any) -> dict[str, Any]:
    return {"at": row.at, "grade": row.grade, "computed": row.computed, "how": row.how, "table": row.table,
            "table_version": row.table_version, "criterion": row.criterion, "citation": row.citation, "mark": row.mark,
            "first_guess": row.first_guess, "reason": row.reason, "by": row.by_name}  # fmt: skip


@router.get("/incidents/{incident}/timeline", response={200: CourseOut, **READ})
def timeline(request: HttpRequest, incident: UUID) -> dict[str, Any]:
    """Tell the course of an incident and of what was merged into it, as the journal has it."""
    return {"items": incident_timeline(_actor(request).scope, incident)}


@router.post("/incidents/{incident}/figures", response={200: FigureOut, **WRITE})
def figure_set(request: HttpRequest, incident: UUID, body: FigureIn) -> Any:
    """Set a figure; the incident is graded anew."""
    return services.figure_set(by=_actor(request), incident=incident, **body.dict())


@router.post("/incidents/{incident}/grade", response={200: GradeOut, **WRITE})
def grade_confirm(request: HttpRequest, incident: UUID, body: GradeIn) -> Any:
    """Confirm the computed grade, or set another with the reason."""
    return services.grade_confirm(by=_actor(request), incident=incident, grade=body.grade, reason=body.reason)


@router.post("/incidents/{incident}/merge", response={200: ChangeOut, **WRITE})
def merge(request: HttpRequest, incident: UUID, body: MergeIn) -> Any:
    """Let an incident go on in another one."""
    row = services.incident_merge(by=_actor(request), incident=incident, into=body.into, reason=body.reason)
    return {"id": row.pk, "kind": row.kind, "incident": row.incident_id, "other": row.other_id}


@router.post("/incidents/{incident}/split", response={200: ChangeOut, **WRITE})
def split(request: HttpRequest, incident: UUID, body: SplitIn) -> Any:
    """Take what belongs to another event out, into a new incident."""
    fields = body.dict()
    row = services.incident_split(by=_actor(request), incident=incident, **fields)
    return {"id": row.pk, "kind": row.kind, "incident": row.incident_id, "other": row.other_id}


@router.post("/incident-changes/{change}/undo", response={200: ChangeOut, **WRITE})
def undo(request: HttpRequest, change: UUID, body: ReasonIn) -> Any:
    """Take a merge or split back while nothing was built on it."""
    row = services.change_undo(by=_actor(request), change=change, reason=body.reason)
    return {"id": row.pk, "kind": row.kind, "incident": row.incident_id, "other": row.other_id}


@router.get("/event-types", response={200: Listed, **LIST})
def types(request: HttpRequest) -> dict[str, Any]:
    """List the classes of events with the statistic type each is counted under."""
    found = event_types()
    return {"items": [{"code": one.code, "name": {"zh": one.zh, "en": one.en}, "parent": found.parent(one.code),
                       "statistic": one.statistic, "local": one.local, "version": found.version, "mark": found.mark}
                      for one in found.types]}  # fmt: skip
