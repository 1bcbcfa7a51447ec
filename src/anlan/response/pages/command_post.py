"""One on-site command post: the shared picture of map, figures, groups, teams, who commands, and the log (同一张图)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.response import choices_command
from anlan.response.models import CommandPost, TeamIntake
from anlan.response.selectors.command_logs import log_entries
from anlan.response.selectors.command_page import command_post_get, command_post_picture, command_posts, takers
from anlan.response.selectors.handing_over import handover_facts
from anlan.response.selectors.registered_teams import teams_registered
from anlan.response.selectors.who_where import map_points
from anlan.territory.pages.access import actor, signed_in

PARTS = ("red", "figures", "commander", "groups", "plan", "teams", "log")
ACTS = ("set_up", "take", "log", "intake", "decide", "withdraw")


def picture(who: Actor, row: CommandPost, kind: str = "") -> dict[str, Any]:
    """What the page and its parts are drawn from."""
    found = command_post_picture(who.scope, row)
    current = found["post"]["commander"]
    offered = found["post"]["offered"]
    standing = row.state == "active"
    entries, more = log_entries(who.scope, row, kind=kind)
    return {
        **found, "nav": "response", "now": clock.now(), "row": row, "entries": entries, "more": more, "kind": kind,
        "may": {act: standing and who.may(f"command.{act}", row.division) for act in ACTS},
        "mine": bool(current and who.post and current["post"] == str(who.post)),
        "to_sign": bool(offered and (offered["post"] is None or (who.post and offered["post"] == str(who.post)))),
        "kinds": choices_command.LOG_KINDS.values(), "channels": choices_command.LOG_CHANNELS.values(),
        "team_kinds": choices_command.TEAM_KINDS.values(),
        "listed_teams": teams_registered(row.division[:4]) if standing and who.may("command.intake", row.division) else [],
    }  # fmt: skip


@require_GET
@signed_in
def command_post_page(request: HttpRequest, post: UUID) -> HttpResponse:
    """The shared picture of one command post: everybody who opens it sees the same, live."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    context = picture(who, row, request.GET.get("kind", ""))
    context |= {
        "takers": takers(row), "tiers": choices_command.TIERS.values(), "words": choices_command.RADIO_WORDS.values(),
        "own_post": str(who.post or ""),
        "others": [one for one in command_posts(who.scope) if one["state"] == "active" and one["id"] != str(row.pk)],
    }  # fmt: skip
    return render(request, "response/command_post.html", context)


@require_GET
@signed_in
def command_post_parts(request: HttpRequest, post: UUID) -> HttpResponse:
    """The named panels again (`?p=log,teams`), each swapped into its place by id."""
    who = actor(request)
    wanted = [name for name in request.GET.get("p", "").split(",") if name in PARTS] or list(PARTS)
    context = picture(who, command_post_get(who.scope, post), request.GET.get("kind", ""))
    names = [f"response/onsite/{name}.html" for name in wanted]
    return render(request, "response/command_parts.html", {**context, "oob": True, "wanted": names})


@require_GET
@signed_in
def command_post_map(request: HttpRequest, post: UUID) -> JsonResponse:
    """The points of the map: posts, incidents, tasks, teams and leaders on site."""
    who = actor(request)
    body = map_points(who.scope, command_post_get(who.scope, post))
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


@require_GET
@signed_in
def team_card(request: HttpRequest, team: UUID) -> HttpResponse:
    """One team at the intake desk: what is known of it, and the keys to accept, hold or decline it and to count heads."""
    who = actor(request)
    found = TeamIntake.objects.filter(pk=team).values_list("command_post_id", flat=True).first()
    row = command_post_get(who.scope, found or team)
    context = picture(who, row)
    context["team"] = next((one for one in context["teams"] if one["id"] == str(team)), None)
    return render(request, "response/onsite/team_card.html", context)


@require_GET
@signed_in
def handover_card(request: HttpRequest, post: UUID) -> HttpResponse:
    """What would be handed over now: tasks in progress, teams on site, open requests; the situation is to be written."""
    who = actor(request)
    row = command_post_get(who.scope, post)
    facts = handover_facts(row) if who.scope.covers(row.division) else None
    context = {**picture(who, row), "facts": facts, "takers": takers(row), "tiers": choices_command.TIERS.values(),
               "own_post": str(who.post or "")}  # fmt: skip
    return render(request, "response/onsite/handover_card.html", context)


urlpatterns = [
    path("command/<uuid:post>", command_post_page, name="command-post"),
    path("command/<uuid:post>/parts", command_post_parts, name="command-post-parts"),
    path("command/<uuid:post>/map.json", command_post_map, name="command-post-map"),
    path("command/<uuid:post>/handover", handover_card, name="command-handover"),
    path("command/team/<uuid:team>/card", team_card, name="command-team-card"),
]
