"""One incident whole: facts side by side, figures with their history, how it was graded, its family and what runs for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.figures import standing
from anlan.response.formats.grades import event_types, grade_tables
from anlan.response.models import (
    Claim,
    Incident,
    IncidentChange,
    IncidentFigure,
    IncidentGrade,
    Intake,
    Level,
    LevelProposal,
    Task,
)
from anlan.response.selectors.family import family
from anlan.response.selectors.local_rules import tables_held
from anlan.response.services.grades import RISING
from anlan.territory.selectors import division_names

NONE = {"zh": "未定级", "en": "Not graded"}


def incident_get(scope: Scope, incident: UUID) -> Incident:
    """Return an incident the reader may see; NotFound else. One query."""
    row = Incident.objects.select_related("merged_into").filter(pk=incident).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                       en="There is no such incident, or it is not in your scope.", field="incident",
                       value=incident)  # fmt: skip
    return row


def incident_detail(scope: Scope, incident: UUID) -> dict[str, Any]:
    """Return everything a page tells of an incident. A fixed number of queries, whatever hangs on it.

    {row, title, type, statistic, grade, place, family, grades, figures, claims, intakes, levels, proposals, tasks,
    changes}: `grades` the newest first; `figures` one entry a metric with `rows`, the newest first; `claims` by topic.
    """
    row = incident_get(scope, incident)
    keys = family(row.pk)
    found = event_types().find(row.type_code)
    counted = event_types().statistic(row.type_code)
    grades = list(IncidentGrade.objects.filter(incident=row).order_by("-seq"))
    return {
        "row": row,
        "id": str(row.pk),
        "title": {"zh": row.title_zh, "en": row.title_en},
        "type": {"zh": found.zh, "en": found.en} if found else None,
        "statistic": {"zh": counted.zh, "en": counted.en} if counted else None,
        "grade": grade_name(row.grade, grades[0].table, grades[0].table_version) if grades else NONE,
        "place": division_names([row.division]).get(row.division, {"zh": row.division, "en": row.division}),
        "grades": [_grade(one) for one in grades],
        "figures": figures_told(keys),
        "claims": claims_told(keys),
        "intakes": [_intake(one) for one in Intake.objects.filter(incident__in=keys).order_by("received_at", "id")],
        "levels": list(Level.objects.filter(incident__in=keys).select_related("plan").order_by("-since", "id")),
        "proposals": list(LevelProposal.objects.filter(incident__in=keys, state="open").select_related("plan", "holder_post")
                          .order_by("opened_at", "id")),
        "tasks": tasks_told(keys),
        "changes": [_change(one) for one in changes_of(keys)],
        "family": [{"id": str(one.pk), "title": {"zh": one.title_zh, "en": one.title_en}, "opened_at": one.opened_at}
                   for one in Incident.objects.filter(pk__in=keys).exclude(pk=row.pk).order_by("opened_at", "id")],
    }  # fmt: skip


def grade_name(grade: str, table: str = "", version: str = "") -> dict[str, str]:
    """Return a grade's words, in the table's own terms where it has some (特大型)."""
    if not grade:
        return NONE
    shipped = any((one.code, one.version) == (table, version) for one in grade_tables())
    for one in grade_tables() if shipped or not version else tables_held():
        if (one.code, one.version) == (table, version) and grade in one.grade_names:
            return one.grade_names[grade].as_dict()
    return choices.name(choices.GRADES, grade)


def figures_told(keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return one entry a metric, in the order of the forms: names, unit, what stands, and every row, the newest first."""
    rows = list(IncidentFigure.objects.filter(incident__in=keys).order_by("as_of", "at", "seq", "id"))
    stands = standing([row for row in rows if not row.disputed], RISING)
    told = []
    for metric, rule in codes.FIGURES.items():
        mine = [row for row in rows if row.metric == metric]
        if mine:
            held = stands.get(metric)
            told.append({
                "metric": metric, "name": {"zh": rule.zh, "en": rule.en},
                "unit": {"zh": rule.unit_zh, "en": rule.unit_en}, "stands": held, "value": _value(held),
                "disputed": any(row.disputed for row in mine),
                "rows": [{"row": row, "value": _value(row), "stands": row is held} for row in reversed(mine)],
            })  # fmt: skip
    return told


def _value(row: IncidentFigure | None) -> dict[str, str]:
    if row is None:
        return {"zh": "–", "en": "–"}
    words = codes.FIGURES[row.metric].words
    if words is not None and row.word in words:
        return {"zh": words[row.word].zh, "en": words[row.word].en}
    text = f"{row.value:,.10g}" if row.value is not None else row.word
    return {"zh": text, "en": text}


def claims_told(keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the statements by topic: {topic, name, rows, contradicted, task}."""
    rows = (
        Claim.objects.filter(incident__in=keys)
        .select_related("verify_task__owner_post")
        .order_by("topic", "said_at", "id")
    )
    told = []
    for topic, group in groupby(rows, key=lambda row: row.topic):
        mine = list(group)
        rule = codes.FIGURES.get(topic)
        told.append({
            "topic": topic, "name": {"zh": rule.zh, "en": rule.en} if rule else {"zh": topic, "en": topic},
            "rows": [{"row": row, "text": {"zh": row.text_zh, "en": row.text_en},
                      "state": choices.name(choices.CLAIM_STATES, row.state),
                      "confidence": choices.name(choices.CONFIDENCES, row.confidence)} for row in mine],
            "contradicted": any(row.contradicted for row in mine),
            "task": next((row.verify_task for row in mine if row.verify_task), None),
        })  # fmt: skip
    return told


def tasks_told(keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the tasks that run for an incident, those not done first."""
    about = [f"incident:{key}" for key in keys]
    rows = Task.objects.filter(incident__in=keys) | Task.objects.filter(about__in=about)
    found = rows.select_related("owner_post").order_by("due_at", "id").distinct()[:200]
    told = [
        {"row": row, "text": {"zh": row.text_zh, "en": row.text_en}, "state": row.state,
         "owner": {"zh": row.owner_post.name_zh, "en": row.owner_post.name_en}}
        for row in found
    ]  # fmt: skip
    return sorted(told, key=lambda one: one["state"] in ("done", "verified", "cancelled"))


def changes_of(keys: Sequence[UUID]) -> list[IncidentChange]:
    """Return the merges and splits of a family, the newest first. One query."""
    rows = IncidentChange.objects.filter(incident__in=keys) | IncidentChange.objects.filter(other__in=keys)
    return list(rows.select_related("incident", "other").order_by("-at", "id").distinct())


def _grade(row: IncidentGrade) -> dict[str, Any]:
    return {
        "row": row,
        "name": grade_name(row.grade, row.table, row.table_version),
        "computed": grade_name(row.computed, row.table, row.table_version),
        "how": choices.name(codes.HOW_GRADED, row.how),
        "why": {"zh": row.criterion["zh"], "en": row.criterion["en"]} if row.criterion else None,
        "citation": row.citation or None,
        "possible": choices.name(choices.GRADES, row.possible) if row.possible else None,
    }


def _intake(row: Intake) -> dict[str, Any]:
    return {
        "row": row,
        "door": choices.name(codes.DOORS, row.door),
        "figures": told_figures(row.casualties),
        "caller": masked(row.caller),
    }


def told_figures(casualties: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a report counted: {name, value} with value None where the caller didn't know."""
    return [
        {"name": {"zh": rule.zh, "en": rule.en}, "value": casualties[metric],
         "words": choices.name(rule.words, str(casualties[metric])) if rule.words and casualties[metric] else None}
        for metric, rule in codes.FIGURES.items() if metric in casualties
    ]  # fmt: skip


def masked(caller: dict[str, str]) -> dict[str, str]:
    """Return who called with name and number masked, as personal data is shown by default."""
    name, phone = caller.get("name", ""), caller.get("phone", "")
    hidden = f"{name[:1]}{'*' * max(len(name) - 1, 1)}" if name else ""
    number = f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)
    return {"name": hidden, "phone": number, "unit": caller.get("unit", ""), "post": caller.get("post", "")}


def _change(row: IncidentChange) -> dict[str, Any]:
    return {
        "row": row,
        "kind": choices.name(codes.CHANGES, row.kind),
        "one": {"zh": row.incident.title_zh, "en": row.incident.title_en},
        "other": {"zh": row.other.title_zh, "en": row.other.title_en},
    }
