"""Command with one hand: a leader checks in, and the gate of a site counts teams in and out (手机签到和进出登记)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.response.models import LeaderCheckin
from anlan.response.pages.command_acts import present
from anlan.response.pages.command_post import picture
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.response.selectors.command_page import command_post_get, command_posts
from anlan.territory.models import Post
from anlan.territory.pages.access import actor, signed_in


@require_GET
@signed_in
def here(request: HttpRequest) -> HttpResponse:
    """Where am I: one press for the command post or a site, words for anywhere else, and who stands in meanwhile."""
    who = actor(request)
    leaders = who.scope.filter(Post.objects.filter(role__in=LEADER_ROLES)).order_by("division", "code")
    own = next((post for post in leaders if post.pk == who.post), None)
    now_at = LeaderCheckin.objects.filter(post=own, until__isnull=True).first() if own else None
    context = {
        "nav": "response", "now": clock.now(), "own": own, "leaders": [] if own else leaders[:40], "checkin": now_at,
        "posts": [post for post in command_posts(who.scope) if post["state"] == "active"],
        "present": [one for one in present(who) if own is None or one["post"] != own.code],
    }  # fmt: skip
    return render(request, "response/command_here.html", context)


@require_GET
@signed_in
def gate(request: HttpRequest, post: UUID) -> HttpResponse:
    """The gate of a site: register a team, count heads in and out; who is inside stands on top."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    return render(request, "response/command_gate.html", picture(who, row))


urlpatterns = [
    path("command/here", here, name="command-here"),
    path("command/<uuid:post>/gate", gate, name="command-gate"),
]
