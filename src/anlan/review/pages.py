"""The report's three faces: a page, a JSON file, a PDF. All show the same value of `selectors.after_action`."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from anlan.kernel.journal import head
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.response.formats.fonts import font_folders
from anlan.review.formats.curve_figure import tier_figure
from anlan.review.formats.figure import track_figure
from anlan.review.formats.report import report_pdf
from anlan.review.selectors import after_action


def language(request: HttpRequest) -> str:
    """Return `zh` or `en`: the `language` of the query, else that of the page."""
    asked = request.GET.get("language") or get_language() or "zh"
    return "zh" if asked.startswith("zh") else "en"


def moment(request: HttpRequest) -> datetime | None:
    """Return the `at` of the query: the report as it was known then. Raises Invalid for what is no aware time."""
    text = request.GET.get("at", "")
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid(
            code="report.at",
            zh=f"时间“{text}”不对，应形如 2021-07-20T16:30:00+08:00。",
            en=f"The time “{text}” can't be read; write it like 2021-07-20T16:30:00+08:00.",
            field="at",
            value=text,
        )
    return at


def known(request: HttpRequest) -> dict[str, Any]:
    """Return the report in the reader's scope; kept until the journal grows."""
    actor = request.actor  # type: ignore[attr-defined]
    return _report(head()[0], actor.scope, moment(request))


@lru_cache(maxsize=16)
def _report(seq: int, scope: Scope, at: datetime | None) -> dict[str, Any]:
    return after_action(scope=scope, at=at)


@login_required
@require_GET
def after_action_page(request: HttpRequest) -> HttpResponse:
    """The report as a page."""
    report = known(request)
    spoken = language(request)
    figure = track_figure(report, language=spoken, zone=options.time_zone)
    context = {
        "nav": "report",
        "report": report,
        "lines": [line for line in report["timeline"] if line["lane"] != "shared" or line["kind"] == "warning.issued"],
        "figure": mark_safe(figure),  # noqa: S308 - our own drawing; every text in it is escaped
        "curve_figure": mark_safe(tier_figure(report["curves"], language=spoken)),  # noqa: S308 - as above
        "role_rows": [
            (role, curve, report["kpis"]["warning_to_answer"]["by_role"][role])
            for role, curve in report["curves"]["by_role"].items()
        ],
        "at": request.GET.get("at", ""),
    }
    return render(request, "review/after_action.html", context)


@login_required
@require_GET
def after_action_json(request: HttpRequest) -> HttpResponse:
    """The report as JSON."""
    return JsonResponse(known(request), json_dumps_params={"ensure_ascii": False, "indent": 1})


@login_required
@require_GET
def after_action_pdf(request: HttpRequest) -> HttpResponse:
    """The report as PDF, in the language asked for."""
    spoken = language(request)
    pdf = report_pdf(known(request), language=spoken, fonts=font_folders(), zone=options.time_zone)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="after-action-{spoken}.pdf"'
    return response


urlpatterns = [
    path("after-action", after_action_page, name="after_action"),
    path("after-action.json", after_action_json, name="after_action_json"),
    path("after-action.pdf", after_action_pdf, name="after_action_pdf"),
]
