"""What the duty pages share: the desk chosen, and what the reader may do there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from anlan.kernel import clock
from anlan.response.selectors.duty_board import desk_get, desks
from anlan.territory.models import Post
from anlan.territory.pages.access import actor

HOME = "/response/duty"


def framed(request: HttpRequest, tab: str) -> dict[str, Any]:
    """The context every duty page has: the desk, the desks to choose from, what the reader may do there."""
    who = actor(request)
    desk = desk_get(who.scope, request.GET.get("post", ""), who.post)
    may = {name: who.may(f"duty.{name}", desk.division)
           for name in ("roster", "swap", "approve", "presence", "check", "log", "handover")}  # fmt: skip
    return {"nav": "response", "duty_tab": tab, "now": clock.now(), "desk": desk, "desks": desks(who.scope), "may": may,
            "query": f"?post={desk.code}"}  # fmt: skip


def home(desk: Post, page: str = "") -> str:
    """The address of a duty page for a desk."""
    return f"{HOME}{page}?post={desk.code}"
