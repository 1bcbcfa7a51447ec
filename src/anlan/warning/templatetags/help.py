"""The panel of requests for help on a call board. `{% load help %}{% help_panel w.id %}`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.warning import selectors

register = template.Library()


@register.inclusion_tag("warning/board_help.html", takes_context=True)
def help_panel(context: dict[str, Any], warning: UUID) -> dict[str, Any]:
    """Who asked for help under this warning and still waits, with the desk's two acts; nothing where nobody does."""
    request = context["request"]
    who: Actor = request.actor
    past = bool(request.GET.get("at"))
    found = [] if past else selectors.help_requests(who.scope, warning, 50)
    return {
        "help": [{**item, "may": who.may("call.log", item["division"])} for item in found],
        "now": clock.now(),
        "csrf_token": context.get("csrf_token"),
    }
