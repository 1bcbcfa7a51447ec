"""Who is asking: pages open to signed-in readers only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from anlan.kernel.actor import Actor
from anlan.territory.models import Post

View = Callable[..., HttpResponse]


def actor(request: HttpRequest) -> Actor:
    """The actor the account middleware put on the request."""
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def signed_in(view: View) -> View:
    """Send a stranger to the sign-in page; scripts get 401 so that they can say so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if "text/html" not in request.headers.get("Accept", "") or "HX-Request" in request.headers:
            return HttpResponse(status=401)
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")

    return guarded


def mark_mine(who: Actor, proposals: Iterable[dict[str, Any]]) -> None:
    """Set `may` on the level proposals this reader's own post may decide: the one whose clock runs, or one that let it
    pass. The service asks again. History is only played back.
    """
    mine = Post.objects.filter(pk=who.post).values_list("code", flat=True).first() if who.post else None
    for proposal in proposals:
        held = {(proposal.get("decider") or {}).get("post"), *(u.get("post") for u in proposal.get("undecided") or ())}
        entitled = mine in held or "admin" in who.roles
        proposal["may"] = (
            mine is not None
            and entitled
            and proposal.get("track") != "history"
            and who.may("level.decide", proposal.get("division") or "")
        )
