"""Code lists: handing one in, reviewing its changes one by one or by kind, letting it take force."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.problem import Invalid, Problem
from anlan.territory.models import CodeChange
from anlan.territory.pages import division_words as words
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors import editions as read
from anlan.territory.services import divisions as act

ACT = "divisions.manage"
LARGEST = 64 * 1024 * 1024
SURE = 0.9


@require_GET
@signed_in
def lists_page(request: HttpRequest) -> HttpResponse:
    """The code lists of the reader's area, the place to hand one in, and rows that found no home."""
    return _lists(request)


def _lists(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    who = actor(request)
    rows = [{"row": row, "state": words.EDITIONS[row.state]} for row in read.editions_list(who.scope)]
    context = {
        "nav": "registers", "tab": "divisions", "rows": rows, "may": anywhere(who, ACT),
        "homeless": read.homeless(who.scope), "problem": problem, "sent": request.POST,
        "faults": problem.extra.get("faults", []) if problem else [], "count": problem.extra.get("count") if problem else 0,
    }  # fmt: skip
    return render(request, "territory/editions.html", context, status=problem.http if problem else 200)


@require_POST
@signed_in
def list_take(request: HttpRequest) -> HttpResponse:
    """Take a code list in and go on to its review; its faults are shown row by row."""
    try:
        edition = act.edition_open(
            by=actor(request), name=request.POST.get("name", ""), valid_from=_day(request.POST.get("valid_from", "")),
            source=request.POST.get("source", ""), file=file_of(request, LARGEST),
        )  # fmt: skip
    except Problem as problem:
        return _lists(request, problem)
    return HttpResponseRedirect(f"/territory/divisions/lists/{edition.pk}")


@require_GET
@signed_in
def review_page(request: HttpRequest, edition: UUID) -> HttpResponse:
    """A code list's changes: least sure first, by kind, those that belong together side by side."""
    who = actor(request)
    row = read.edition_get(who.scope, edition)
    kind, undecided = request.GET.get("kind", ""), request.GET.get("left") == "1"
    after = int(request.GET["after"]) if request.GET.get("after", "").isdigit() else 0
    shown = read.edition_changes(row, kind, undecided=undecided, after=after)
    context = {
        "nav": "registers", "tab": "divisions", "e": row, "state": words.EDITIONS[row.state], "kind": kind,
        "undecided": undecided, "progress": read.edition_progress(row), "items": _together(shown), "after": after,
        "following": after + read.PAGE if len(shown) == read.PAGE else 0, "sure": SURE,
        "may": row.state == "reviewing" and who.may(ACT, row.division),
    }  # fmt: skip
    return render(request, "territory/edition.html", context)


@require_POST
@signed_in
def review_decide(request: HttpRequest, edition: UUID) -> HttpResponse:
    """Accept or refuse: one change (a fragment of the page comes back), or many."""
    who, asked = actor(request), request.POST
    accept, change = asked.get("act") != "refuse", asked.get("change", "")
    try:
        if change:
            successor = asked.get("successor", "").strip() if "successor" in asked else None
            act.change_decide(
                by=who, change=UUID(change), accept=accept, successor=successor, reason=asked.get("reason", "")
            )
        else:
            count = act.changes_decide(
                by=who, edition=edition, accept=accept, kind=asked.get("kind", ""), reason=asked.get("reason", ""),
                least=float(asked.get("least") or 0),
            )  # fmt: skip
            said = ngettext("%d change decided.", "%d changes decided.", count)
            messages.success(request, said % count)
    except Problem as problem:
        return _row(request, edition, change, problem) if change else _back(request, edition, problem)
    return _row(request, edition, change) if change else _back(request, edition)


@require_GET
@signed_in
def review_followers(request: HttpRequest, edition: UUID, change: UUID) -> HttpResponse:
    """The changes that only follow from one."""
    row = read.edition_get(actor(request).scope, edition)
    return render(request, "territory/edition_followers.html", {"rows": read.change_followers(row, change)})


@require_POST
@signed_in
def list_apply(request: HttpRequest, edition: UUID) -> HttpResponse:
    """Let a reviewed list take force."""
    try:
        act.edition_apply(by=actor(request), edition=edition)
        messages.success(request, _("The list has taken force."))
    except Problem as problem:
        return _back(request, edition, problem)
    return _back(request, edition)


@require_POST
@signed_in
def list_withdraw(request: HttpRequest, edition: UUID) -> HttpResponse:
    """Take a list under review back."""
    try:
        act.edition_withdraw(by=actor(request), edition=edition, reason=request.POST.get("reason", ""))
    except Problem as problem:
        return _back(request, edition, problem)
    return HttpResponseRedirect("/territory/divisions/lists")


@require_POST
@signed_in
def rows_rehome(request: HttpRequest) -> HttpResponse:
    """Give the rows of a former division to another by decision."""
    try:
        moved = act.division_rehome(
            by=actor(request), old=request.POST.get("old", ""), new=request.POST.get("new", "").strip(),
            reason=request.POST.get("reason", ""), below=request.POST.get("below") == "1",
        )  # fmt: skip
        messages.success(request, _("Moved: %s") % (words.rows_said(moved) or "0"))
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect("/territory/divisions/lists#homeless")


def file_of(request: HttpRequest, most: int) -> bytes:
    """Return the bytes of the file sent; Invalid without one or when it is too large."""
    file: Any = request.FILES.get("file")
    if file is None or (file.size or 0) > most:
        raise Invalid(
            code="division.no_file", zh=f"请选择一个不超过{most >> 20}MB的文件。",
            en=f"Choose a file of at most {most >> 20} MB.", field="file", value=getattr(file, "name", ""),
        )  # fmt: skip
    return bytes(file.read())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            code="division.valid_from", zh=f"生效日期“{text}”不对，应形如 2024-06-30。",
            en=f"The day “{text}” can't be read; write it like 2024-06-30.", field="valid_from", value=text,
        ) from None  # fmt: skip


def _row(request: HttpRequest, edition: UUID, change: str, problem: Problem | None = None) -> HttpResponse:
    """One row of the review and, out of its place, the progress above it."""
    row = read.edition_get(actor(request).scope, edition)
    item = read.edition_change(row, UUID(change))
    context = {"e": row, "item": _item(item), "may": row.state == "reviewing", "oob": True,
               "progress": read.edition_progress(row), "problem": problem, "sure": SURE}  # fmt: skip
    return render(request, "territory/edition_answer.html", context, status=problem.http if problem else 200)


def _back(request: HttpRequest, edition: UUID, problem: Problem | None = None) -> HttpResponse:
    if problem is not None:
        messages.error(request, problem.text())
    return HttpResponseRedirect(request.POST.get("next") or f"/territory/divisions/lists/{edition}")


def _together(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The page's changes, those of one merger or split side by side at the place of the first."""
    place: dict[str, int] = {}
    for at, item in enumerate(shown):
        place.setdefault(item["row"].group or str(item["row"].pk), at)
    ordered = sorted(shown, key=lambda item: place[item["row"].group or str(item["row"].pk)])
    found = []
    for group, parts in groupby(ordered, key=lambda item: item["row"].group or str(item["row"].pk)):
        members = list(parts)
        found += [
            {**_item(item), "first": at == 0, "members": len(members) if group else 1}
            for at, item in enumerate(members)
        ]
    return found


def _item(item: dict[str, Any]) -> dict[str, Any]:
    row: CodeChange = item["row"]
    sure = float(row.evidence.get("confidence") or 0)
    return {**item, "state": words.STATES[row.state], "sure": round(100 * sure), "unsure": sure < SURE, "first": True,
            "members": 1}  # fmt: skip


urlpatterns = [
    path("divisions/lists", lists_page, name="division-lists"),
    path("divisions/lists/take", list_take, name="division-list-take"),
    path("divisions/rehome", rows_rehome, name="division-rehome"),
    path("divisions/lists/<uuid:edition>", review_page, name="division-list"),
    path("divisions/lists/<uuid:edition>/decide", review_decide, name="division-list-decide"),
    path("divisions/lists/<uuid:edition>/apply", list_apply, name="division-list-apply"),
    path("divisions/lists/<uuid:edition>/withdraw", list_withdraw, name="division-list-withdraw"),
    path("divisions/lists/<uuid:edition>/followers/<uuid:change>", review_followers, name="division-list-followers"),
]
