"""The files of a paper, and two of its versions beside each other."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from anlan.kernel.problem import Problem
from anlan.response.engine.paper_bounds import paper_of
from anlan.response.engine.paper_compare import compare
from anlan.response.pages import papers_form as forms
from anlan.response.pages.forms import place_of
from anlan.response.selectors.papers import paper_get, paper_versions
from anlan.response.services.paper_files import paper_file
from anlan.territory.pages.access import actor, signed_in


def own_language() -> str:
    """The reader's language."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@require_GET
@signed_in
def paper_compare(request: HttpRequest, paper: UUID) -> HttpResponse:
    """Two versions of a paper beside each other, line by line; version 0 is what the record filled in."""
    row = paper_get(actor(request).scope, paper)
    kept = {each.version: each for each in paper_versions(row)}
    language = request.GET.get("language") if request.GET.get("language") in forms.LANGUAGES else own_language()
    new = place_of(request.GET.get("to", ""), row.version)
    old = place_of(request.GET.get("from", ""), max(0, new - 1))
    latest = kept.get(new, kept[row.version])
    before = kept[old].body if old in kept else latest.built
    rows = compare(paper_of(before[str(language)]), paper_of(latest.body[str(language)]))
    context = {
        "nav": "response", "tab": "papers", "paper": row, "rows": rows, "versions": list(kept.values()), "old": old if old in kept else 0,
        "new": latest.version, "language": language, "changes": sum(each.how != "same" for each in rows),
    }  # fmt: skip
    return render(request, "response/paper_compare.html", context)


@require_GET
@signed_in
def paper_download(request: HttpRequest, paper: UUID, name: str) -> HttpResponse:
    """A file of a paper: shown in the browser where it can be (PDF), else saved."""
    who = actor(request)
    version = place_of(request.GET.get("version", "")) or None
    try:
        content, media = paper_file(by=who, paper=paper, name=name, version=version)
    except Problem as refused:
        messages.error(request, refused.text())
        return HttpResponseRedirect(f"/response/papers/{paper}")
    row = paper_get(who.scope, paper)
    place = "inline" if name.endswith("pdf") and not request.GET.get("save") else "attachment"
    number = f"{row.year}-{row.number}" if row.number else "draft"
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'{place}; filename="{row.kind}-{number}.{name}"'
    return response


urlpatterns = [
    path("papers/<uuid:paper>/compare", paper_compare, name="paper-compare"),
    path("papers/<uuid:paper>/files/<str:name>", paper_download, name="paper-file"),
]
