"""One response (响应): its history, measures, tasks by group, command bodies, and its closing. Mismatches and holds."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.response.engine.plan import LEVELS
from anlan.response.models import Level
from anlan.response.pages.answering import Act, answered, no_act
from anlan.response.pages.forms import day_of
from anlan.response.selectors.level_page import level_page
from anlan.response.selectors.photos import photos_left
from anlan.response.selectors.relief import relief_choice, relief_standing
from anlan.response.services.bodies import mismatch_adopt, mismatch_refuse
from anlan.response.services.purging import purge_hold, purge_release
from anlan.response.services.purging_photos import attachment_keep
from anlan.territory.models import Post
from anlan.territory.pages.access import actor, signed_in

HOME = "/response"


@require_GET
@signed_in
def level_show(request: HttpRequest, level: UUID) -> HttpResponse:
    """A response from its start to its closing, whichever of its levels is asked for."""
    who, now = actor(request), clock.now()
    page = level_page(who.scope, level, now)
    row = page["level"]
    others = [number for number in LEVELS if number != row.level]
    weak = "weak" in request.GET
    context = {
        **page, "nav": "response", "now": now, "others": others, "may_decide": may_decide(who, row.division, row.track),
        "may_paper": who.may("paper.draft", row.area) and row.track == "main", "paper_kind": _notice(row),
        "may_follow": who.may("command.adopt", row.division), "may_hold": who.may("hold.set", row.division),
        "photos": photos_left(page["purge"]),
        "relief": relief_standing(page["incident"], now, weak=weak) if page["incident"] is not None else None,
        "compare": relief_choice(page["incident"].type_code, weak=weak) if page["incident"] is not None else None,
    }  # fmt: skip
    return render(request, "response/level.html", context)


def may_decide(who: Actor, division: str, track: str = "main") -> bool:
    """May this reader decide levels there at all? The service asks again, for the plan's own decider."""
    return who.kind == "person" and who.post is not None and track == "main" and who.may("level.decide", division)


def own_post(who: Actor) -> Post | None:
    """The reader's own post."""
    return Post.objects.filter(pk=who.post).first() if who.post else None


def _notice(row: Level) -> str:
    """The kind of paper that tells of this level: ended, changed from the one before, or started."""
    return "level_end" if row.until is not None else "level_change" if row.previous_id else "level_start"


@require_POST
@signed_in
def mismatch_act(request: HttpRequest, mismatch: UUID, act: str) -> HttpResponse:
    """A linked command body follows, or refuses with its reason."""
    who, reason = actor(request), request.POST.get("reason", "")
    acts: dict[str, tuple[Act, str]] = {
        "adopt": (lambda: mismatch_adopt(by=who, mismatch=mismatch), _("Followed: the levels agree now.")),
        "refuse": (lambda: mismatch_refuse(by=who, mismatch=mismatch, reason=reason),
                   _("Not followed, with your reason on record.")),
    }  # fmt: skip
    if act not in acts:
        raise no_act(act)
    return answered(request, *acts[act], HOME)


@require_POST
@signed_in
def purge_act(request: HttpRequest, purge: UUID, act: str) -> HttpResponse:
    """Put the destruction of personal data off after the assessment, or let the clock run again."""
    who, given = actor(request), request.POST

    def hold() -> None:
        until = datetime.combine(day_of("until", given.get("until", "")), time(23, 59), tzinfo=clock.BEIJING)
        purge_hold(by=who, purge=purge, until=until, legality=given.get("legality", ""), need=given.get("need", ""),
                   safety=given.get("safety", ""))  # fmt: skip

    acts: dict[str, tuple[Act, str]] = {
        "hold": (hold, _("Held, with the assessment on record.")),
        "release": (lambda: purge_release(by=who, purge=purge, reason=given.get("reason", "")),
                    _("The clock runs again.")),
    }  # fmt: skip
    if act not in acts:
        raise no_act(act)
    return answered(request, *acts[act], HOME)


@require_POST
@signed_in
def photo_keep(request: HttpRequest, attachment: UUID) -> HttpResponse:
    """Keep a photograph for the archive, with the assessment."""
    who, reason = actor(request), request.POST.get("reason", "")
    return answered(
        request, lambda: attachment_keep(by=who, attachment=attachment, reason=reason), _("Kept for the archive."), HOME
    )


urlpatterns = [
    path("levels/<uuid:level>", level_show, name="response-level"),
    path("mismatches/<uuid:mismatch>/<str:act>", mismatch_act, name="response-mismatch"),
    path("purges/<uuid:purge>/<str:act>", purge_act, name="response-purge"),
    path("photos/<uuid:attachment>/keep", photo_keep, name="response-photo-keep"),
]
