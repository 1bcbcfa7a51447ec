"""Addresses for programs outside the REST interface: who may come in, and refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, Problem, Unknown
from anlan.site.token_access import refusal

View = Callable[..., HttpResponse]


def for_programs(right: str, *, invalid: int = 422) -> Callable[[View], View]:
    """Let people signed in and tokens with `right` read; a value that can't be read is answered with `invalid`."""

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            who: Actor = request.actor  # type: ignore[attr-defined]
            try:
                if who.kind == "anonymous":
                    raise Unknown(
                        code="account.none", zh="请先登录，或带上令牌。", en="Sign in first, or send a token."
                    )
                who.must_have(right)
                return view(request, who, *args, **kwargs)
            except Invalid as problem:
                problem.http = invalid
                return refusal(problem)
            except Problem as problem:
                return refusal(problem)

        return guarded

    return decorate
