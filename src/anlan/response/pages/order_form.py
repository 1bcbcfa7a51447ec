"""Writing an order: the form with its templates, and the posts it may go to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, Problem
from anlan.response import choices_orders
from anlan.response.engine.order import Receiver
from anlan.response.engine.plan import law_text
from anlan.response.formats.command_groups import command_pack
from anlan.response.formats.order_templates import OrderTemplate, fitting, order_templates
from anlan.response.models import Incident
from anlan.response.pages.forms import key_given, key_or_none, moment_given, whole_given
from anlan.response.selectors.orders import order_get
from anlan.response.selectors.posts import posts_found, posts_named
from anlan.response.services.orders import order_draft, order_edit
from anlan.response.services.orders_issue import order_issue_verbal
from anlan.response.services.values_orders import OrderContent, content_of
from anlan.territory.pages.access import actor, anywhere, signed_in


@require_http_methods(["GET", "POST"])
@signed_in
def order_new(request: HttpRequest) -> HttpResponse:
    """An order to be written, from a template, for an incident, or as the change of one in force."""
    who = actor(request)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                return _made(request, who)
        except Problem as refused:
            problem, fields = refused, _posted(request.POST)
    else:
        fields = _started(who, request.GET)
    context = {**_context(who, fields), "problem": problem, "new": True, "may": anywhere(who, "order.draft")}
    return render(request, "response/order_form.html", context, status=problem.http if problem else 200)


def _made(request: HttpRequest, who: Actor) -> HttpResponse:
    form = request.POST
    before = key_given("supersedes", form.get("supersedes"))
    row = order_draft(by=who, content=content_posted(form), supersedes=before, reason=form.get("reason", "")[:1000])
    if form.get("way"):
        row = order_issue_verbal(by=who, order=row.pk, seen=row.digest, way=form["way"], why=form.get("why", "")[:1000])
        messages.success(request, _("Issued by word of mouth; its written form is owed."))
    else:
        messages.success(request, _("Written down; another person checks it now."))
    return HttpResponseRedirect(f"/response/orders/{row.pk}")


@require_http_methods(["GET", "POST"])
@signed_in
def order_change(request: HttpRequest, order: UUID) -> HttpResponse:
    """Edit an order that has not gone out."""
    who = actor(request)
    problem: Problem | None = None
    row = order_get(who.scope, order)
    fields = _fields(content_of(row))
    if request.method == "POST":
        try:
            with transaction.atomic():
                order_edit(by=who, order=order, content=content_posted(request.POST), seen=request.POST.get("seen", ""))
            messages.success(request, _("Saved; another person checks it now."))
            return HttpResponseRedirect(f"/response/orders/{order}")
        except Problem as refused:
            problem, fields = refused, _posted(request.POST)
    context = {**_context(who, fields), "problem": problem, "order": row, "may": who.may("order.draft", row.division)}
    context["seen"] = fields.get("seen") or row.digest
    return render(request, "response/order_form.html", context, status=problem.http if problem else 200)


@require_GET
@signed_in
def order_posts(request: HttpRequest) -> HttpResponse:
    """Posts by name or code, to be chosen as receivers."""
    who = actor(request)
    found = posts_found(who.scope, request.GET.get("find", ""), above=request.GET.get("kind") == "request")
    return render(request, "response/order_posts.html", {"posts": found, "asked": request.GET.get("find", "")})


def content_posted(form: QueryDict) -> OrderContent:
    """What the form says. Invalid for what can't be read, by its field; the service refuses what does not hold."""
    least = {"least": 1, "most": 86_400}
    lead = form.get("lead", "")
    receivers = tuple(Receiver(key, key == lead and form.get("kind") != "notice") for key in form.getlist("receivers"))
    limit = moment_given("limit_at", form.get("limit_at", ""))
    asked: dict[str, Any] = {"zh": form.get("evidence_zh", "")[:500], "en": form.get("evidence_en", "")[:500]}
    if form.get("photo"):
        asked["photo"] = True
    unit = form.get("unit", "").strip()
    if unit:
        asked["unit"] = unit[:16]
    if form.get("place"):
        asked["place"] = True
    return OrderContent(
        kind=form.get("kind", "order"), title={"zh": form.get("title_zh", ""), "en": form.get("title_en", "")},
        text={"zh": form.get("text_zh", "")[:10_000], "en": form.get("text_en", "")[:20_000]}, receivers=receivers,
        issuer=key_given("issuer", form.get("issuer")), given_by=form.get("given_by", ""),
        given_at=moment_given("given_at", form.get("given_at", "")),
        law=tuple(form.get("law", "").replace("，", ",").replace(",", " ").split()), plan=form.get("plan", "").strip()[:32],
        plan_task=form.get("plan_task", "").strip()[:32], incident=key_given("incident", form.get("incident")),
        working_group=form.get("group", "")[:24],
        within_min=None if limit else whole_given("within_min", form.get("within_min", ""), **least), limit_at=limit,
        receipt_min=whole_given("receipt_min", form.get("receipt_min", ""), **least) or 15,
        verify_min=whole_given("verify_min", form.get("verify_min", ""), **least) or 60,
        evidence=asked,
    )  # fmt: skip


def _posted(form: QueryDict) -> dict[str, Any]:
    """The form again as it was sent; what could not be read is left out of it, and named above it."""
    readable = form.copy()
    while True:
        try:
            fields = _fields(content_posted(readable))
            break
        except Invalid as fault:
            readable[str(fault.field)] = ""
    return {**fields, "supersedes": form.get("supersedes", ""), "reason": form.get("reason", ""),
            "seen": form.get("seen", ""), "way": form.get("way", ""), "why": form.get("why", "")}  # fmt: skip


def _started(who: Actor, asked: QueryDict) -> dict[str, Any]:
    """The fields of a new order: a change of one in force, or a template with the reader's own post as issuer."""
    before = key_or_none(asked.get("supersedes"))
    if before is not None:
        return {**_fields(content_of(order_get(who.scope, before))), "supersedes": str(before)}
    named = next((one for one in order_templates().templates if one.code == asked.get("template", "")), None)
    content = _of_template(named, who, asked)
    return _fields(content)


def _of_template(one: OrderTemplate | None, who: Actor, asked: QueryDict) -> OrderContent:
    kind = asked.get("kind", "order")
    common: dict[str, Any] = {
        "kind": kind if kind in choices_orders.ORDER_KINDS else "order", "receivers": (), "issuer": who.post,
        "incident": key_or_none(asked.get("incident")), "working_group": asked.get("group", ""),
    }  # fmt: skip
    if one is None:
        return OrderContent(title={"zh": "", "en": ""}, text={"zh": "", "en": ""}, within_min=60, **common)
    proof = {key: value for key, value in (("zh", one.evidence.zh), ("en", one.evidence.en), ("photo", one.evidence.photo),
             ("unit", one.evidence.unit), ("place", one.evidence.place)) if value}  # fmt: skip
    common["working_group"] = common["working_group"] or one.group
    return OrderContent(title=one.title.as_dict(), text=one.text.as_dict(), law=one.law, within_min=one.within,
                        receipt_min=one.receipt, evidence=proof, **common)  # fmt: skip


def _fields(content: OrderContent) -> dict[str, Any]:
    return {"c": content, "law": " ".join(content.law), "supersedes": "", "reason": ""}


def _context(who: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    content: OrderContent = fields["c"]
    named = posts_named(who.scope, [*(each.post for each in content.receivers), str(content.issuer or "")])
    incidents = list(who.scope.filter(Incident.objects.filter(state="open")).order_by("-opened_at")[:50])
    chosen = next((row for row in incidents if row.pk == content.incident), None)
    law = [item for item in content.law if item]
    issuers = posts_found(who.scope, "", leaders=True)
    if content.issuer is not None and str(content.issuer) not in {post["id"] for post in issuers}:
        issuers = [*(named[key] for key in (str(content.issuer),) if key in named), *issuers]
    return {
        **fields, "nav": "response", "incidents": incidents, "kinds": choices_orders.ORDER_KINDS.values(),
        "groups": command_pack().groups, "templates": fitting(chosen.type_code if chosen else ""),
        "receivers": [{**named[each.post], "lead": each.lead} for each in content.receivers if each.post in named],
        "issuers": issuers, "ways": choices_orders.VERBAL_WAYS.values(), "cited": _cited(law),
        "given_at": content.given_at.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M") if content.given_at else "",
        "limit_at": content.limit_at.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M") if content.limit_at else "",
        "may_verbal": anywhere(who, "order.issue"),
    }  # fmt: skip


def _cited(law: list[str]) -> dict[str, str]:
    try:
        return law_text(tuple(law)).as_dict() if law else {}
    except (KeyError, ValueError, IndexError):
        return {}


urlpatterns = [
    path("orders/new", order_new, name="order-new"),
    path("orders/posts", order_posts, name="order-posts"),
    path("orders/<uuid:order>/edit", order_change, name="order-edit"),
]
