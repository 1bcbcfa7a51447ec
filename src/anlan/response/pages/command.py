"""Command: the on-site command posts, and who is where (指挥: 现场指挥部和领导去向)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.response import services
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import CommandPost, Level
from anlan.response.pages.answering import answered
from anlan.response.pages.forms import key_given, key_of
from anlan.response.selectors.command_page import command_posts, incidents_without
from anlan.response.selectors.who_where import leader_board
from anlan.territory.pages.access import actor, anywhere, signed_in

HERE = "/response/command"
PARTS = ("posts", "leaders")


def _context(request: HttpRequest) -> dict[str, Any]:
    who = actor(request)
    return {
        "nav": "response", "now": clock.now(), "posts": command_posts(who.scope), "boards": leader_board(who.scope),
        "may_set_up": anywhere(who, "command.set_up"), "may_check_in": anywhere(who, "command.checkin"),
    }  # fmt: skip


@require_GET
@signed_in
def command_page(request: HttpRequest) -> HttpResponse:
    """On-site command posts that stand, and where every leader is; a post may be set up, a leader checks in."""
    who, context = actor(request), _context(request)
    context |= {
        "incidents": incidents_without(who.scope) if context["may_set_up"] else [],
        "levels": who.scope.filter(Level.objects.filter(until__isnull=True, incident=None, track="main"), "area")
        .select_related("plan").order_by("level", "since"),
        "templates": command_pack().templates, "standing": [post for post in context["posts"] if post["state"] == "active"],
    }  # fmt: skip
    return render(request, "response/command.html", context)


@require_GET
@signed_in
def command_parts(request: HttpRequest) -> HttpResponse:
    """The named panels of the page again (`?p=posts,leaders`), each swapped into its place by id."""
    wanted = [name for name in request.GET.get("p", "").split(",") if name in PARTS] or list(PARTS)
    names = [f"response/command_{name}.html" for name in wanted]
    return render(request, "response/command_parts.html", {**_context(request), "oob": True, "wanted": names})


@require_POST
@signed_in
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up an on-site command post for an incident, or for a response to a danger to a whole area."""
    who, form = actor(request), request.POST

    def act() -> CommandPost:
        kind, _colon, key = form.get("of", "").partition(":")
        of: dict[str, Any] = {kind: key_of("of", key)} if kind in ("incident", "level") else {}
        return services.command_post_set_up(
            by=who, template=form.get("template", ""), place=form.get("place", "")[:200], under=above_of(form), **of
        )

    done = _("Set up. Its groups stand; name who commands.")
    return answered(request, act, done, HERE, onward=lambda row: f"{HERE}/{row.pk}")


def above_of(form: Mapping[str, str]) -> UUID | None:
    """Return the post that a form puts above another; None when it stands by itself."""
    return key_given("under", form.get("under", ""))


urlpatterns = [
    path("command", command_page, name="command"),
    path("command/parts", command_parts, name="command-parts"),
    path("command/set-up", set_up, name="command-set-up"),
]
