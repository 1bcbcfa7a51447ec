"""Care of the registers: gaps in the net of duty, licences that end, units without a regulator."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import Problem
from anlan.territory import choices, choices_care
from anlan.territory.engine.mask import mask_name
from anlan.territory.models import Gap, Organisation
from anlan.territory.pages import care_merges, care_privacy, care_quality, care_rounds
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.care_frame import HOME, back, division_asked, frame, names_of, said
from anlan.territory.selectors import care
from anlan.territory.selectors.register_rows import division_paths
from anlan.territory.services.reaching import today
from anlan.territory.services.regulators import regulator_set, rules

STEPS = ("120", "100", "90", "expired")


@require_GET
@signed_in
def gaps(request: HttpRequest) -> HttpResponse:
    """Gaps by kind and division, the oldest first."""
    scope, area = actor(request).scope, division_asked(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in choices_care.GAP_KINDS else ""
    counts = care.gap_counts(scope, area)
    rows = care.gaps_page(scope, area, kind, after=_after(request))
    held = care.posts_held([row.person_id for row in rows if row.person_id and not row.post_id])
    part = care.gap_parts(scope, area, kind)
    paths = division_paths(row.division for row in rows)
    names = names_of([code for code, _count in part])
    most = max((count for _code, count in part), default=1)
    context = {
        **frame(request, "gaps"),
        "kind": kind,
        "kinds": [{"code": code, "word": choices.name(choices_care.GAP_KINDS, code), **counts.get(code, {"count": 0})}
                  for code in choices_care.GAP_KINDS],
        "total": sum(item["count"] for item in counts.values()),
        "divisions": [{"code": code, "name": names[code], "count": count, "width": round(100 * count / most, 1)}
                      for code, count in part],
        "rows": [_gap(row, paths, held) for row in rows],
        "next": f"{rows[-1].opened_at.isoformat()}_{rows[-1].pk}" if len(rows) == care.PAGE else "",
        "looked": care.last_told("territory.looked"),
        "now": clock.now(),
    }  # fmt: skip
    return render(request, "territory/care_gaps.html", context)


def _gap(row: Gap, paths: dict[str, dict[str, str]], held: dict[UUID, dict[str, str]]) -> dict[str, Any]:
    what: Any = {"zh": "", "en": ""}
    href = ""
    name = mask_name(row.person.name) if row.person else ""
    if row.post is not None:
        what, href = {"zh": row.post.name_zh, "en": row.post.name_en}, f"/territory/posts/{row.post.code}"
    elif row.person is not None:
        what, href = held.get(row.person.pk, {"zh": name, "en": name}), f"/territory/persons/{row.person.code}"
    elif role := row.detail.get("role"):
        what = choices.name(choices.POST_ROLES, role)
        place = row.detail.get("place")
        href = f"/territory/places/{place}" if place else f"/territory/posts?division={row.division}"
    return {
        "kind": row.kind, "word": choices.name(choices_care.GAP_KINDS, row.kind), "what": what, "href": href,
        "path": paths[row.division], "who": name, "since": row.opened_at, "detail": row.detail,
    }  # fmt: skip


def _after(request: HttpRequest) -> tuple[datetime, UUID] | None:
    moment, _sep, key = request.GET.get("after", "").partition("_")
    try:
        at = parse_datetime(moment.replace(" ", "+"))
        return (at, UUID(key)) if at is not None else None
    except ValueError:
        return None


@require_GET
@signed_in
def licences(request: HttpRequest) -> HttpResponse:
    """Licences that end soon or have ended, the soonest first."""
    scope, area, day = actor(request).scope, division_asked(request), today()
    step = request.GET.get("step", "")
    step = step if step in STEPS else ""
    rows = care.licences_due(scope, step, area)
    counts = care.licence_counts(scope, day)
    context = {
        **frame(request, "licences"),
        "step": step,
        "steps": [{"code": code, "count": counts.get(code, 0)} for code in STEPS],
        "rows": [
            {"row": row, "kind": choices.name(choices.LICENCE_KINDS, row.kind),
             "days": (row.expires_on - day).days if row.expires_on else None}
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "territory/care_licences.html", context)


@require_GET
@signed_in
def unassigned(request: HttpRequest) -> HttpResponse:
    """Units nobody leads, with why, and the departments one may be given to."""
    who, area = actor(request), division_asked(request)
    why = request.GET.get("why", "")
    rows = care.units_unassigned(who.scope, area, why=why if why in ("no_rule", "no_department") else "")
    paths = division_paths(row["division"] for row in rows)
    chosen = request.GET.get("unit", "")
    offices = who.scope.filter_chain(Organisation.objects.filter(kind="department"))
    near = offices.filter(division__in=_offices_of([row for row in rows if row["_id"] == chosen]))
    cites = {rule.code: {"cite": rule.cite, "department": choices.name(choices.DEPARTMENTS, rule.department)}
             for rule in rules()}  # fmt: skip
    context = {
        **frame(request, "unassigned"),
        "why": why,
        "rows": [
            {**row, "unit": row["_id"], "path": paths[row["division"]], "cited": cites.get(row["rule"])} for row in rows
        ],
        "chosen": chosen,
        "offices": list(near.order_by("-division", "code")) if chosen else [],
        "told": care.last_told("units.regulators_assigned"),
        "may": anywhere(who, "regulator.assign"),
    }
    return render(request, "territory/care_unassigned.html", context)


def _offices_of(rows: list[dict[str, Any]]) -> list[str]:
    return sorted({row["division"][:n] for row in rows for n in (4, 6)})


@require_POST
@signed_in
def unassigned_set(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Give a unit its lead regulator by hand, with a reason."""
    try:
        chosen = UUID(request.POST.get("organisation", ""))
        regulator_set(by=actor(request), unit=unit, organisation=chosen, reason=request.POST.get("reason", ""))
        messages.success(request, _("The unit has its lead regulator."))
    except ValueError:
        messages.error(request, _("Choose a department."))
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/unassigned")


urlpatterns = [
    path("care", gaps, name="care"),
    path("care/licences", licences, name="care-licences"),
    path("care/unassigned", unassigned, name="care-unassigned"),
    path("care/unassigned/<uuid:unit>", unassigned_set, name="care-unassigned-set"),
    *care_rounds.urlpatterns,
    *care_quality.urlpatterns,
    *care_merges.urlpatterns,
    *care_privacy.urlpatterns,
]
