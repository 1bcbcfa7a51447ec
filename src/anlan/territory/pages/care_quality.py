"""Doubtful data: each check with how many rows, where they are, which rows, and the remedy where one is safe."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import NotFound, Problem
from anlan.territory import choices, choices_care
from anlan.territory.engine.faults import words
from anlan.territory.engine.mask import mask_name
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.care_frame import HOME, back, division_asked, frame, names_of, said
from anlan.territory.selectors.care import PAGE, last_told
from anlan.territory.selectors.quality import findings_page, quality_counts, quality_parts, remedies_told
from anlan.territory.selectors.register_rows import division_paths
from anlan.territory.services.remedies import SAFE, remedy_apply, remedy_undo
from anlan.territory.sources.care_rules import pack
from anlan.territory.sources.registers import register


@require_GET
@signed_in
def quality(request: HttpRequest) -> HttpResponse:
    """All checks of all registers with their open findings, and the matrix of one register by division."""
    scope, area = actor(request).scope, division_asked(request)
    counts = quality_counts(scope, area)
    shown = request.GET.get("register", "units")
    shown = shown if shown in pack("checks")["registers"] else "units"
    context = {
        **frame(request, "quality"),
        "registers": [_register(name, counts.get(name, {})) for name in pack("checks")["registers"]],
        "shown": shown,
        "matrix": _matrix(quality_parts(scope, shown, area)),
        "remedies": remedies_told(scope),
        "may": anywhere(actor(request), "quality.mend"),
    }
    return render(request, "territory/care_quality.html", context)


def _register(name: str, counts: dict[str, int]) -> dict[str, Any]:
    most = max(counts.values(), default=1)
    checks = [
        {"code": code, "word": choices.name(choices_care.CHECKS, code), "count": counts.get(code, 0), "safe": code in SAFE.get(name, ()),
         "width": round(100 * counts.get(code, 0) / most, 1)}
        for code in pack("checks")["registers"][name]
    ]  # fmt: skip
    checks.sort(key=lambda item: -item["count"])
    return {"register": register(name), "checks": checks, "told": last_told("quality.checked", f"register:{name}"),
            "total": sum(counts.values())}  # fmt: skip


def _matrix(parts: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Return columns (checks that found something) and rows (division, counts in their order)."""
    totals: dict[str, int] = {}
    for counts in parts.values():
        for code, count in counts.items():
            totals[code] = totals.get(code, 0) + count
    codes = sorted(totals, key=lambda code: -totals[code])
    names = names_of(list(parts))
    rows = [{"code": code, "name": names[code], "cells": [(check, counts.get(check, 0)) for check in codes],
             "total": sum(counts.values())} for code, counts in parts.items()]  # fmt: skip
    rows.sort(key=lambda row: -row["total"])  # type: ignore[operator]
    return {"heads": [choices.name(choices_care.CHECKS, code) for code in codes], "rows": rows}


@require_GET
@signed_in
def one_check(request: HttpRequest, name: str, check: str) -> HttpResponse:
    """The rows one check found."""
    scope, area = actor(request).scope, division_asked(request)
    if check not in pack("checks")["registers"].get(name, ()):
        raise NotFound(
            code="quality.no_check", zh=f"没有“{check}”这项检查。", en=f"There is no check “{check}”.",
            field="check", value=check,
        )  # fmt: skip
    after = request.GET.get("after", "")
    rows = findings_page(scope, name, check, area, after=int(after) if after.isdigit() else 0)
    paths = division_paths(row["division"] for row in rows)
    for row in rows:
        row |= {"path": paths[row["division"]], "told": _told(row["detail"]),
                "name": mask_name(row["name"]) if name == "persons" else row["name"]}  # fmt: skip
    parts = [(code, counts[check]) for code, counts in quality_parts(scope, name, area).items() if check in counts]
    names = names_of([code for code, _count in parts])
    most = max((count for _code, count in parts), default=1)
    context = {
        **frame(request, "quality"),
        "register": register(name),
        "check": check,
        "word": choices.name(choices_care.CHECKS, check),
        "rows": rows,
        "total": sum(count for _code, count in parts),
        "divisions": [{"code": code, "name": names[code], "count": count, "width": round(100 * count / most, 1)}
                      for code, count in sorted(parts, key=lambda item: -item[1])],
        "next": rows[-1]["id"] if len(rows) == PAGE else "",
        "safe": check in SAFE.get(name, ()) and anywhere(actor(request), "quality.mend"),
    }  # fmt: skip
    return render(request, "territory/care_check.html", context)


def _told(detail: dict[str, Any]) -> dict[str, str]:
    """Return what is known of one finding, in words."""
    if detail.get("fault") == "phone.stored":
        return {"zh": "号码写法不规范，可批量改正", "en": "a right number in a form nothing can dial; it can be mended"}
    if fault := detail.get("fault"):
        return words(fault, column="", value="", detail=detail)
    if datum := detail.get("datum"):
        name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]
        return {"zh": f"按{name}换算后落在所属区划内", "en": f"lies in its division when turned from {name}"}
    if successor := detail.get("successor"):
        return {"zh": f"现为 {successor}", "en": f"is {successor} now"}
    if place := detail.get("lies_in"):
        return {"zh": f"坐标落在 {place}", "en": f"the point lies in {place}"}
    if rows := detail.get("rows"):
        return {"zh": f"共{rows}行使用此号码", "en": f"{rows} rows have this number"}
    return {"zh": "", "en": ""}


@require_POST
@signed_in
def remedy(request: HttpRequest, name: str, check: str) -> HttpResponse:
    """Mend what can be mended safely."""
    try:
        done = remedy_apply(by=actor(request), register=name, check=check, division=request.POST.get("division", ""))
        text = ngettext("%(n)d row mended; it can be undone.", "%(n)d rows mended; it can be undone.", done.rows)
        messages.success(request, text % {"n": done.rows})
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/quality/{name}/{check}")


@require_POST
@signed_in
def undo(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Undo a remedy."""
    try:
        done = remedy_undo(by=actor(request), batch=batch)
        text = _("%(n)d rows put back, %(left)d left alone because they were changed since.")
        messages.success(request, text % {"n": done.rows, "left": done.changed_since})
    except Problem as problem:
        said(request, problem)
    return back(request, f"{HOME}/quality")


urlpatterns = [
    path("care/quality", quality, name="care-quality"),
    path("care/quality/undo/<uuid:batch>", undo, name="care-quality-undo"),
    path("care/quality/<slug:name>/<slug:check>", one_check, name="care-check"),
    path("care/quality/<slug:name>/<slug:check>/mend", remedy, name="care-check-mend"),
]
