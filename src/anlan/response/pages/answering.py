"""An act from a page: done and said, or refused in words; a script gets it as JSON, a form is led back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from anlan.kernel.problem import NotFound, Problem

Act = Callable[[], Any]


def answered(
    request: HttpRequest, act: Act, done: str, back: str, *, onward: Callable[[Any], str] | None = None
) -> HttpResponse:
    """Do `act`. A script (Accept: application/json) is answered {text}, or the problem with its status; a form goes to
    what it asks for in `next`, else to `back` (after success to `onward` of what came of it), with the words as a message."""
    script = "application/json" in request.headers.get("Accept", "")
    target = _own(request.POST.get("next", "")) or back
    try:
        with transaction.atomic():
            made = act()
    except Problem as problem:
        if script:
            return refused(problem)
        messages.error(request, problem.text())
    else:
        if script:
            return JsonResponse({"text": done})
        messages.success(request, done)
        target = onward(made) if onward is not None else target
    return HttpResponseRedirect(target)


def refused(problem: Problem) -> JsonResponse:
    """The refusal as a script gets it."""
    return JsonResponse(problem.as_dict(), status=problem.http, content_type="application/problem+json")


def no_act(what: str) -> NotFound:
    """The refusal of an act that is none."""
    return NotFound(code="form.no_act", zh=f"没有“{what[:40]}”这个操作；请刷新页面后再试。", field="act", value=what,
                    en=f"There is no act “{what[:40]}”; load the page again.")  # fmt: skip


def _own(target: str) -> str:
    """An address of this site, else "": a form must not lead anybody away."""
    own = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if own else ""
