"""Outlines: what does not fit, and laying new ones down after seeing how they would fit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, Problem
from anlan.territory.engine.coverage import KINDS, TOLERANCE_KM2, Finding
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.editions import ACT, file_of
from anlan.territory.selectors import editions as read
from anlan.territory.selectors.divisions import division_names
from anlan.territory.services import divisions as act
from anlan.territory.services.outlines import outlines_read

LARGEST = 256 * 1024 * 1024
SHOWN = 100


@require_GET
@signed_in
def coverage_page(request: HttpRequest) -> HttpResponse:
    """What does not fit among the outlines of the reader's area."""
    try:
        tolerance = act.check_tolerance(request.GET.get("tolerance") or str(TOLERANCE_KM2))
    except Problem as problem:
        messages.error(request, problem.text())
        tolerance = TOLERANCE_KM2
    return _page(request, read.coverage(actor(request).scope, tolerance), {"tolerance": tolerance})


@require_POST
@signed_in
def outlines_check(request: HttpRequest) -> HttpResponse:
    """Show how the outlines of a file would fit; keep the file for the decision."""
    try:
        actor(request).must(ACT, _first(actor(request).scope.prefixes))
        file = file_of(request, LARGEST)
        fit = act.boundaries_fit(outlines_read(file))
        kept = hashlib.sha256(file).hexdigest()
        _kept(kept).parent.mkdir(parents=True, exist_ok=True)
        _kept(kept).write_bytes(file)
    except Problem as problem:
        messages.error(request, problem.text())
        return HttpResponseRedirect("/territory/divisions/coverage")
    unsound = [item for item in fit.findings if item.kind in ("broken", "no_division")]
    more = {
        "fit": fit,
        "kept": kept,
        "unsound": unsound,
        "source": request.POST.get("source", ""),
        "tolerance": TOLERANCE_KM2,
    }
    return _page(request, fit.findings, more)


@require_POST
@signed_in
def outlines_lay(request: HttpRequest) -> HttpResponse:
    """Lay the outlines looked at down."""
    name = request.POST.get("kept", "")
    try:
        if not re.fullmatch(r"[0-9a-f]{64}", name) or not _kept(name).is_file():
            raise Invalid(
                code="division.no_file", zh="文件已不在；请重新上传。", en="The file is gone; send it again.", field="file",
                value=name,
            )  # fmt: skip
        act.boundary_import(by=actor(request), file=_kept(name).read_bytes(), source=request.POST.get("source", ""))
        _kept(name).unlink()
        messages.success(request, _("The outlines are laid down."))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect("/territory/divisions/coverage")


def _page(request: HttpRequest, findings: Sequence[Finding], more: dict[str, Any]) -> HttpResponse:
    by_kind = {kind: [item for item in findings if item.kind == kind] for kind in KINDS}
    names = division_names({code for rows in by_kind.values() for item in rows[:SHOWN] for code in item.codes})
    shown = [
        {
            "kind": kind, "count": len(rows), "more": max(0, len(rows) - SHOWN), "area": sum(i.area_km2 for i in rows),
            "rows": [{"f": item, "codes": [(code, names.get(code)) for code in item.codes]} for item in rows[:SHOWN]],
        }
        for kind, rows in by_kind.items() if rows
    ]  # fmt: skip
    context = {"nav": "registers", "tab": "divisions", "groups": shown, "may": anywhere(actor(request), ACT), **more}
    return render(request, "territory/coverage.html", context)


def _kept(sha256: str) -> Path:
    """Where a file of outlines waits for its decision."""
    return options.home_path / "imports" / f"outlines-{sha256}.geojson"


def _first(prefixes: tuple[str, ...]) -> str:
    return prefixes[0] if prefixes else ""


urlpatterns = [
    path("divisions/coverage", coverage_page, name="division-coverage"),
    path("divisions/outlines/check", outlines_check, name="division-outlines-check"),
    path("divisions/outlines/lay", outlines_lay, name="division-outlines-lay"),
]
