"""Who is asking: pages of the registers open to signed-in readers only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from anlan.kernel.actor import Actor

View = Callable[..., HttpResponseBase]


def actor(request: HttpRequest) -> Actor:
    """The actor the account middleware put on the request."""
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def signed_in(view: View) -> View:
    """Send a stranger to the sign-in page; scripts get 401 so that they can say so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if "text/html" not in request.headers.get("Accept", "") or "HX-Request" in request.headers:
            return HttpResponse(status=401)
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")

    return guarded


def anywhere(who: Actor, act: str) -> bool:
    """May this reader do `act` somewhere? Decides whether a button is shown; the service asks again for the place."""
    return any(who.may(act, prefix) for prefix in who.scope.prefixes)
