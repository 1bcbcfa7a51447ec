"""Writing warnings (预警制作): the form with its live preview, the list of drafts, and the steps each hand takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.monitoring.selectors.areas import areas_list
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.warning import choices, choices_drafts, selectors
from anlan.warning.models import WarningDraft
from anlan.warning.pages import draft_parts
from anlan.warning.pages.draft_form import content_posted, fields_of, ident, started
from anlan.warning.selectors.drafts import after_checks_owed, draft_get, drafts_open, drafts_over
from anlan.warning.services.drafts import draft_change, draft_drop, draft_make
from anlan.warning.services.drafts_flow import apart, draft_check, draft_return, draft_second_sign, draft_sign
from anlan.warning.services.drafts_issue import (
    URGENT_COLOURS,
    after_check_refusal,
    draft_after_check,
    draft_issue,
    draft_issue_urgent,
)
from anlan.warning.services.drafts_received import Told, source_note, triple
from anlan.warning.services.findings import SECOND, findings
from anlan.warning.services.values_drafts import DraftContent, hand_of, same_hand


@require_GET
@signed_in
def drafts_page(request: HttpRequest) -> HttpResponse:
    """Warnings being written, those whose after-check is owed, and those issued or dropped."""
    who = actor(request)
    context = {
        "nav": "warnings", "now": clock.now(), "rows": [_listed(who, row) for row in drafts_open(who.scope)],
        "owed": after_checks_owed(who.scope), "over": [_listed(who, row) for row in drafts_over(who.scope)],
        "may_make": anywhere(who, "warning.draft"),
    }  # fmt: skip
    return render(request, "warning/drafts.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def compose_page(request: HttpRequest) -> HttpResponse:
    """A warning to be written, filled in from a signal, a proposal, a warning in force or the reader's area."""
    who, problem = actor(request), ""
    asked = request.POST if request.method == "POST" else request.GET
    told: Told = ()
    try:
        content, told = (content_posted(request), ()) if request.method == "POST" else started(who, asked)
        if request.method == "POST":
            row = _make(who, content, request)
            if request.POST.get("urgent_reason"):
                return _urgent(request, who, row)
            messages.success(request, _("Written down; another person checks it now."))
            return HttpResponseRedirect(f"/warnings/drafts/{row.id}")
    except Problem as refused:
        problem = refused.text()
        content = content if request.method == "POST" else started(who, type(request.GET)(""))[0]
    sources = {name: asked.get(name, "") for name in ("signal", "proposal", "received")}
    context = {
        "nav": "warnings", "problem": problem, **fields_of(content), **sources, "new": True, "told": told,
        "basins": areas_list(who.scope),
        "may": anywhere(who, "warning.draft"),
        "may_urgent": _may(who, "warning.issue", content) and content.colour in URGENT_COLOURS and content.act != "cancel",
    }  # fmt: skip
    return render(request, "warning/compose.html", context, status=422 if problem else 200)


def _make(who: Actor, content: DraftContent, request: HttpRequest) -> WarningDraft:
    proposal, alert = ident(request.POST.get("proposal", "")), ident(request.POST.get("received", ""))
    row = selectors.alert_original(who.scope, alert)[0] if alert else None
    if row is not None:  # whose message it goes back to is not the form's to say
        content = replace(content, note=source_note(row))
    if content.references:
        selectors.warning_get(who.scope, content.references)
    return draft_make(
        by=who, content=content, signal=ident(request.POST.get("signal", "")),
        proposal=selectors.proposal_get(who.scope, proposal) if proposal else None,
        received=triple(row) if row is not None else "",
    )  # fmt: skip


def _urgent(request: HttpRequest, who: Actor, row: WarningDraft) -> HttpResponse:
    """Issue at once what was just written; where that is refused the draft stays to be checked."""
    try:
        done = draft_issue_urgent(by=who, draft=row, seen=row.digest, reason=request.POST.get("urgent_reason", ""))
    except Problem as refused:
        messages.error(request, refused.text())
        return HttpResponseRedirect(f"/warnings/drafts/{row.id}")
    messages.success(request, _("Issued. The after-check is owed within two hours."))
    return HttpResponseRedirect(f"/warnings/{done.warning_id}")


@require_GET
@signed_in
def draft_page(request: HttpRequest, draft: UUID) -> HttpResponse:
    """One draft: its words, who made, checked and signed it, what stands in the way, and the next step."""
    who = actor(request)
    row = draft_get(who.scope, draft)
    content = DraftContent.from_json(row.content)
    step = next_step(who, row)
    live = row.state in choices_drafts.OPEN_STATES
    context = {
        "nav": "warnings", **fields_of(content), "draft": row, "step": step, "live": live, "now": clock.now(),
        "state_name": choices.name(choices_drafts.DRAFT_STATES, row.state),
        "source_name": choices.name(choices_drafts.DRAFT_SOURCES, row.source),
        "basins": areas_list(who.scope) if live else [],
        "may": live and _may(who, "warning.draft", content), "may_return": row.state in ("made", "checked", "signed")
        and _may(who, "warning.check", content), "hands": _hands(row),
        "may_urgent": live and row.state != "returned" and content.act != "cancel" and content.colour in URGENT_COLOURS
        and _may(who, "warning.issue", content),
        "may_after": row.urgent and row.after_at is None and who.may("warning.check", row.division)
        and after_check_refusal(who, row) is None,
        "verdicts": [{"code": v.code, "name": {"zh": v.zh, "en": v.en}} for v in choices_drafts.VERDICTS.values()],
        "verdict": choices.name(choices_drafts.VERDICTS, row.after_verdict),
    }  # fmt: skip
    return render(request, "warning/compose.html", context)


def next_step(who: Actor, row: WarningDraft) -> dict[str, str]:
    """What this reader can do next: {act, text, why}; `act` "" with the reason in words where it is another's turn."""
    content = DraftContent.from_json(row.content)
    if row.state == "made":
        return _turn(
            "check", _("Checked: it is right"), _may(who, "warning.check", content), apart(who, row, "checker")
        )
    if row.state == "checked":
        return _turn("sign", _("Sign and issue"), _may(who, "warning.issue", content), apart(who, row, "signer"))
    if row.state == "signed":
        may = _may(who, "warning.issue", content)
        against = any(each.weight == SECOND for each in findings(content, clock.now()))
        if against and row.second_digest != row.digest:
            own = "signer" if same_hand(hand_of(who), row.signed_by) else None
            return _turn("second", _("Sign as the second"), may, own)
        return _turn("issue", _("Issue"), may, None)
    return {"act": "", "text": "", "why": ""}


def _turn(act: str, text: str, may: bool, met: str | None) -> dict[str, str]:
    if may and met is None:
        return {"act": act, "text": text, "why": ""}
    reasons = {
        "maker": _("You wrote it; another person takes the next step."),
        "checker": _("You checked it; another person signs."),
        "signer": _("You signed it; the second signature is another issuer's."),
    }
    return {
        "act": "",
        "text": text,
        "why": reasons[met] if met else _("Your post may read it, not take the next step."),
    }


@require_POST
@signed_in
def draft_save(request: HttpRequest, draft: UUID) -> HttpResponse:
    """Save changed words; what was checked is to be checked again."""
    who = actor(request)
    row = draft_get(who.scope, draft)
    try:
        kept = DraftContent.from_json(row.content)
        content = replace(content_posted(request), incidents=kept.incidents, note=kept.note)
        draft_change(by=who, draft=row, content=content, seen=request.POST.get("seen", ""))
        messages.success(request, _("Saved; another person checks it now."))
    except Problem as refused:
        messages.error(request, refused.text())
    return HttpResponseRedirect(f"/warnings/drafts/{draft}")


@require_POST
@signed_in
def draft_step(request: HttpRequest, draft: UUID, act: str) -> HttpResponse:
    """Take a step: check, sign, second, issue, urgent, return, drop or after."""
    who, form = actor(request), request.POST
    row = draft_get(who.scope, draft)
    seen, reason = form.get("seen", ""), form.get("reason", "")
    steps: dict[str, Callable[[], WarningDraft]] = {
        "check": lambda: draft_check(by=who, draft=row, seen=seen),
        "sign": lambda: _sign(who, row, seen),
        "second": lambda: draft_issue(by=who, draft=draft_second_sign(by=who, draft=row, seen=seen), seen=seen),
        "issue": lambda: draft_issue(by=who, draft=row, seen=seen),
        "urgent": lambda: draft_issue_urgent(by=who, draft=row, seen=seen, reason=reason),
        "return": lambda: draft_return(by=who, draft=row, reason=reason),
        "drop": lambda: draft_drop(by=who, draft=row, reason=reason),
        "after": lambda: draft_after_check(by=who, draft=row, verdict=form.get("verdict", ""), note=reason),
    }
    if act not in steps:
        return HttpResponse(status=404)
    try:
        done = steps[act]()
    except Problem as refused:
        messages.error(request, refused.text())
        return HttpResponseRedirect(f"/warnings/drafts/{draft}")
    if done.state == "issued" and act != "after":
        messages.success(request, _("Issued."))
        return HttpResponseRedirect(f"/warnings/{done.warning_id}")
    return HttpResponseRedirect("/warnings/drafts" if act in ("check", "drop") else f"/warnings/drafts/{draft}")


def _sign(who: Actor, row: WarningDraft, seen: str) -> WarningDraft:
    """Sign, and issue what is signed. Where issuing is refused (words against an order) the signature stays."""
    return draft_issue(by=who, draft=draft_sign(by=who, draft=row, seen=seen), seen=seen)


def _may(who: Actor, act: str, content: DraftContent) -> bool:
    return all(who.may(act, code) for code in content.area)


def _hands(row: WarningDraft) -> list[dict[str, Any]]:
    steps = (
        (_("Made"), row.made_by, row.made_at), (_("Checked"), row.checked_by, row.checked_at),
        (_("Signed"), row.signed_by, row.signed_at), (_("Second signature"), row.second_by, row.second_at),
        (_("After-check"), row.after_by, row.after_at),
    )  # fmt: skip
    return [{"text": text, "name": hand["name"], "at": at} for text, hand, at in steps if hand]


def _listed(who: Actor, row: WarningDraft) -> dict[str, Any]:
    step = next_step(who, row)
    return {
        "row": row, "headline": row.content["headline"], "state": choices.name(choices_drafts.DRAFT_STATES, row.state),
        "act": choices.name(choices_drafts.DRAFT_ACTS, row.act), "mine": bool(step["act"]), "step": step["text"],
    }  # fmt: skip


urlpatterns = [
    *draft_parts.urlpatterns,
    path("drafts", drafts_page, name="warning-drafts"),
    path("compose", compose_page, name="warning-compose"),
    path("drafts/<uuid:draft>", draft_page, name="warning-draft"),
    path("drafts/<uuid:draft>/save", draft_save, name="warning-draft-save"),
    path("drafts/<uuid:draft>/<str:act>", draft_step, name="warning-draft-step"),
]
