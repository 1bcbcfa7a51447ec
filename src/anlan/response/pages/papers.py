"""Papers: the list, a new one filled from the record, one paper with its hands, versions and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Problem
from anlan.response import choices, choices_papers
from anlan.response.engine.paper import Paper as Content
from anlan.response.engine.paper_bounds import paper_of
from anlan.response.engine.paper_compare import by_hand
from anlan.response.models import Paper
from anlan.response.pages import papers_files
from anlan.response.pages import papers_form as forms
from anlan.response.pages.answering import answered, no_act
from anlan.response.pages.forms import key_given, key_of, place_of
from anlan.response.pages.papers_choose import choosing, named
from anlan.response.selectors.papers import number_next, paper_get, paper_versions, papers_list, replaced_by
from anlan.response.services.paper_files import NAMES, paper_value
from anlan.response.services.papers import apart, paper_change, paper_make
from anlan.response.services.papers_filled import paper_filled
from anlan.response.services.papers_flow import paper_check, paper_issue, paper_return, paper_sign, paper_withdraw
from anlan.territory.pages.access import actor, anywhere, signed_in


@require_GET
@signed_in
def papers_page(request: HttpRequest) -> HttpResponse:
    """The list of papers, those that wait for somebody first asked for by ?state=open."""
    who, asked = actor(request), request.GET
    page = max(1, place_of(asked.get("page", ""), 1))
    found = papers_list(
        who.scope, kind=asked.get("kind", ""), state=asked.get("state", ""), words=asked.get("q", ""), page=page
    )
    context = {
        "nav": "response", "tab": "papers", "rows": [_listed(who, row) for row in found["rows"]], "more": found["more"],
        "page": page, "kinds": named(choices_papers.PAPER_KINDS), "states": named(choices_papers.PAPER_STATES), "asked": asked,
        "may": anywhere(who, "paper.draft"),
    }  # fmt: skip
    return render(request, "response/papers.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def paper_new(request: HttpRequest) -> HttpResponse:
    """A paper filled from what the address names, to be read, changed and kept; without enough, what to choose from."""
    who = actor(request)
    if request.method == "POST":
        return _made(request, who)
    kind = request.GET.get("kind", "")
    try:
        filled = paper_filled(by=who, kind=kind, source=forms.source_of(request.GET)) if kind else None
    except Problem as refused:
        # Nothing chosen yet is no fault: the page asks for it.
        asked = refused.code.startswith("paper.no_") and not request.GET.get(refused.field or "")
        return render(request, "response/paper_new.html", choosing(who, request.GET, "" if asked else refused.text()))
    if filled is None:
        return render(request, "response/paper_new.html", choosing(who, request.GET))
    context = _form(filled.bodies, filled.bodies, filled.word) | {
        "nav": "response", "tab": "papers", "new": True, "kind": choices.name(choices_papers.PAPER_KINDS, kind),
        "carried": forms.carried(kind, filled), "replaces": request.GET.get("replaces", ""), "as_of": filled.as_of,
        "may": who.may("paper.draft", filled.division), "action": "/response/papers/new",
    }  # fmt: skip
    return render(request, "response/paper_form.html", context)


def _made(request: HttpRequest, who: Actor) -> HttpResponse:
    try:
        held = forms.carried_back(request.POST.get("carried", ""))
        with transaction.atomic():
            row = paper_make(
                by=who, kind=held.kind, bodies=forms.posted(request.POST, held.built), division=held.division, of=held.of,
                word=request.POST.get("word", ""), built=held.built, as_of=held.as_of, replaces=key_given("replaces", request.POST.get("replaces")),
            )  # fmt: skip
    except Problem as refused:
        return _again(request, who, refused)
    messages.success(request, _("Written down; another person checks it now."))
    return HttpResponseRedirect(f"/response/papers/{row.pk}")


def _again(request: HttpRequest, who: Actor, refused: Problem) -> HttpResponse:
    """The form as it was sent, with what was refused above it; nothing typed is lost."""
    messages.error(request, refused.text())
    try:
        held = forms.carried_back(request.POST.get("carried", ""))
    except Problem:
        return HttpResponseRedirect("/response/papers/new")
    bodies = forms.posted(request.POST, held.built)
    context = _form(bodies, held.built, request.POST.get("word", "")) | {
        "nav": "response", "tab": "papers", "new": True, "kind": choices.name(choices_papers.PAPER_KINDS, held.kind),
        "carried": request.POST["carried"], "as_of": held.as_of, "may": who.may("paper.draft", held.division),
        "action": "/response/papers/new", "replaces": request.POST.get("replaces", ""),
    }  # fmt: skip
    return render(request, "response/paper_form.html", context, status=refused.http)


def _form(bodies: Mapping[str, Content], built: Mapping[str, Content], word: str) -> dict[str, Any]:
    return {
        **forms.fields_of(bodies, built),
        "word": word,
        "sheets": _sheets(bodies, built),
        "own": papers_files.own_language(),
    }


def _sheets(bodies: Mapping[str, Content], built: Mapping[str, Content]) -> list[dict[str, Any]]:
    order = ("zh", "en") if papers_files.own_language() == "zh" else ("en", "zh")
    return [forms.sheet(bodies[key], by_hand(built[key], bodies[key])) for key in order]


@require_POST
@signed_in
def paper_preview(request: HttpRequest) -> HttpResponse:
    """The sheet as it would be printed, of what is in the form now."""
    try:
        if request.POST.get("paper"):
            row = paper_get(actor(request).scope, key_of("paper", request.POST["paper"]))
            base, built = _bodies(row)
        else:
            base = built = forms.carried_back(request.POST.get("carried", "")).built
        bodies = forms.posted(request.POST, base)
    except Problem as refused:
        return HttpResponse(refused.text(), status=refused.http, content_type="text/plain; charset=utf-8")
    return render(
        request, "response/paper_sheets.html", {"sheets": _sheets(bodies, built), "own": papers_files.own_language()}
    )


def _bodies(row: Paper) -> tuple[dict[str, Content], dict[str, Content]]:
    kept = paper_versions(row)[-1]
    return (
        {key: paper_of(kept.body[key]) for key in forms.LANGUAGES},
        {key: paper_of(kept.built[key]) for key in forms.LANGUAGES},
    )


@require_GET
@signed_in
def paper_page(request: HttpRequest, paper: UUID) -> HttpResponse:
    """One paper as it is printed, who had it in hand, the next step, its versions and files."""
    who = actor(request)
    row = paper_get(who.scope, paper)
    printed = {key: paper_value(row, key) for key in forms.LANGUAGES}
    _body, built = _bodies(row)
    step = next_step(who, row)
    live = row.state in choices_papers.OPEN_STATES
    context = {
        "nav": "response", "tab": "papers", "paper": row, "sheets": _sheets(printed, built), "own": papers_files.own_language(), "step": step,
        "kind": choices.name(choices_papers.PAPER_KINDS, row.kind), "state": choices.name(choices_papers.PAPER_STATES, row.state),
        "hands": _hands(row), "versions": paper_versions(row), "files": NAMES, "live": live, "replaced": replaced_by(row),
        "may": live and who.may("paper.draft", row.division), "may_return": live and row.state != "drafted" and who.may("paper.check", row.division),
        "may_withdraw": row.state != "withdrawn" and who.may("paper.sign" if row.state in ("signed", "issued") else "paper.draft", row.division),
        "may_again": row.state == "issued" and who.may("paper.draft", row.division), "next_number": _next(row) if live else None,
    }  # fmt: skip
    return render(request, "response/paper.html", context)


def _next(row: Paper) -> int:
    return number_next(row.organ, row.word, clock.now().astimezone(clock.BEIJING).year)


@require_http_methods(["GET", "POST"])
@signed_in
def paper_edit(request: HttpRequest, paper: UUID) -> HttpResponse:
    """Change a paper that is not out yet: a new version."""
    who = actor(request)
    row = paper_get(who.scope, paper)
    bodies, built = _bodies(row)
    word, seen, status = row.word, row.digest, 200
    if request.method == "POST":
        bodies = forms.posted(request.POST, bodies)
        word, seen = request.POST.get("word", ""), request.POST.get("seen", "")
        try:
            with transaction.atomic():
                paper_change(by=who, paper=row.pk, bodies=bodies, seen=seen, word=word)
            messages.success(request, _("Saved; another person checks it now."))
            return HttpResponseRedirect(f"/response/papers/{row.pk}")
        except Problem as refused:
            messages.error(request, refused.text())
            status = refused.http
    context = _form(bodies, built, word) | {
        "nav": "response", "tab": "papers", "new": False, "paper": row, "seen": seen, "kind": choices.name(choices_papers.PAPER_KINDS, row.kind),
        "as_of": row.as_of, "may": row.state in choices_papers.OPEN_STATES and who.may("paper.draft", row.division),
        "action": f"/response/papers/{row.pk}/edit",
    }  # fmt: skip
    return render(request, "response/paper_form.html", context, status=status)


@require_POST
@signed_in
def paper_step(request: HttpRequest, paper: UUID, act: str) -> HttpResponse:
    """Take a step: check, sign, issue, return or withdraw."""
    who, form = actor(request), request.POST
    row = paper_get(who.scope, paper)
    seen, reason = form.get("seen", ""), form.get("reason", "")
    steps: dict[str, Callable[[], Paper]] = {
        "check": lambda: paper_check(by=who, paper=row.pk, seen=seen),
        "sign": lambda: paper_sign(by=who, paper=row.pk, seen=seen),
        "issue": lambda: paper_issue(by=who, paper=row.pk, seen=seen),
        "return": lambda: paper_return(by=who, paper=row.pk, reason=reason),
        "withdraw": lambda: paper_withdraw(by=who, paper=row.pk, reason=reason),
    }
    if act not in steps:
        raise no_act(act)
    return answered(request, steps[act], _("Done."), f"/response/papers/{paper}")


def next_step(who: Actor, row: Paper) -> dict[str, str]:
    """What this reader can do next: {act, text, why}; `act` "" with the reason in words where it is another's turn."""
    turns = {
        "drafted": ("check", _("Checked: it is right")), "checked": ("sign", _("Sign it")),
        "signed": ("issue", _("Number and issue it")),
    }  # fmt: skip
    if row.state not in turns:
        return {"act": "", "text": "", "why": ""}
    act, text = turns[row.state]
    if not who.may(f"paper.{act}", row.division):
        return {"act": "", "text": text, "why": _("Your post may read it, not take the next step.")}
    refusal = apart(who, row, act, options.paper_hands) if act != "issue" else None
    return {"act": "" if refusal else act, "text": text, "why": refusal.text() if refusal else ""}


def _hands(row: Paper) -> list[dict[str, Any]]:
    steps = (
        (_("Drafted"), row.made_by, row.made_at), (_("Checked"), row.checked_by, row.checked_at),
        (_("Signed"), row.signed_by, row.signed_at), (_("Issued"), row.issued_by, row.issued_at),
        (_("Withdrawn") if row.state == "withdrawn" else _("Sent back"), row.ended_by, row.ended_at),
    )  # fmt: skip
    return [{"text": text, "name": hand["name"], "at": at} for text, hand, at in steps if hand]


def _listed(who: Actor, row: Paper) -> dict[str, Any]:
    step = next_step(who, row)
    return {
        "row": row, "title": {"zh": row.title_zh, "en": row.title_en}, "kind": choices.name(choices_papers.PAPER_KINDS, row.kind),
        "state": choices.name(choices_papers.PAPER_STATES, row.state), "mine": bool(step["act"]), "step": step["text"],
    }  # fmt: skip


urlpatterns = [
    path("papers", papers_page, name="papers"),
    path("papers/new", paper_new, name="paper-new"),
    path("papers/preview", paper_preview, name="paper-preview"),
    path("papers/<uuid:paper>", paper_page, name="paper"),
    path("papers/<uuid:paper>/edit", paper_edit, name="paper-edit"),
    *papers_files.urlpatterns,
    path("papers/<uuid:paper>/<str:act>", paper_step, name="paper-step"),
]
