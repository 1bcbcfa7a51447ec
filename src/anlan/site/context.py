"""What every page's frame needs to know: the clock, the reader, the live feed, the words for scripts."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from anlan import __version__
from anlan.kernel import live
from anlan.kernel.actor import Actor
from anlan.site.messages import script_words
from anlan.site.middleware import live_address

THEMES = ("light", "dark")
THEME_COOKIE = "anlan_theme"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame. `clock` is the live clock item, `theme` "light", "dark" or "" (follow the system)."""
    clock = live.clock_state()
    theme = request.COOKIES.get(THEME_COOKIE, "")
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "version": __version__,
        "clock": clock,
        "clock_json": json.dumps(clock),
        "theme": theme if theme in THEMES else "",
        "live_url": f"{live_address(request)}/live" if signed_in else "",
        "reader": {"name": actor.name, "roles": sorted(actor.roles)} if signed_in and actor else None,
        "words_json": script_words(),
    }
