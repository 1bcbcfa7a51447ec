"""What every request passes through: security headers, the account, the scope, problems."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.kernel import clock
from anlan.kernel.accounts import actor_of
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Problem
from anlan.kernel.tokens import Admission
from anlan.site.token_access import is_for_programs, refusal
from anlan.warning.api.feeds import ready
from anlan.warning.pages.public import public_page

PUBLIC = ("/api/warning/public/", "/public/")
Handler = Callable[[HttpRequest], HttpResponse]


def security_headers(handler: Handler) -> Handler:
    """Allow only our own scripts and styles; the live feed is the one other address a page may talk to."""

    def respond(request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = handler(request)
        response.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
            f"img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' {live_address(request)}; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        )
        return response

    return respond


def live_address(request: HttpRequest) -> str:
    """Return scheme, host and port of the live feed as this browser reaches it."""
    if options.live_url:
        return str(options.live_url)
    host = request.get_host().rsplit(":", 1)[0]
    return f"{request.scheme}://{host}:{options.live_port}"


def public_first(handler: Handler) -> Handler:
    """Answer public feeds and pages from memory before anything asks for a session: they are the same for everybody."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PUBLIC):
            return handler(request)
        found = public_page(request) or ready(request)
        if found is not None:
            return found
        response = handler(request)
        if response.status_code == 200:
            # Caches in front keep one copy for all readers, whatever cookies or languages they come with.
            for name in ("Vary", "Content-Language"):
                response.headers.pop(name, None)
        return response

    return respond


class AccountMiddleware:
    """Put the signed-in account on the request."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look the account up once. A program with a token is nobody to pages: it has the interfaces only."""
        by_token = getattr(request, "admission", None) is not None
        request.user = AnonymousUser() if by_token else get_user(request)
        return self.handler(request)


def scope(handler: Handler) -> Handler:
    """Put the actor on the request and tell the database its scope; a stranger's scope is empty."""

    def respond(request: HttpRequest) -> HttpResponse:
        actor = _actor(request)
        request.actor = actor  # type: ignore[attr-defined]
        now = clock.now().isoformat() if options.drill else ""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('anlan.scope', %s, false), set_config('anlan.now', %s, false)",
                [actor.scope.token(options.secret_key), now],
            )
        return handler(request)

    return respond


def _actor(request: HttpRequest) -> Actor:
    admission: Admission | None = getattr(request, "admission", None)
    if admission is not None:
        return admission.actor
    user: Any = request.user
    return actor_of(user) if user.is_authenticated else Actor("anonymous", "anonymous")


class problems:
    """Turn a Problem raised by a page into a page that says what is wrong and how to mend it."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.handler(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Answer a Problem in the form the caller asked for."""
        if not isinstance(failure, Problem):
            return None
        if "text/html" not in request.headers.get("Accept", "") or is_for_programs(request):
            return refusal(failure)
        return render(request, "site/problem.html", {"problem": failure, "text": failure.text()}, status=failure.http)
