"""Who may call which route: people by their session, programs by a token that has the route's right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.security import HttpBearer, SessionAuth

from anlan.kernel.actor import Actor

SAFE = {"GET", "HEAD", "OPTIONS"}
RIGHT = "x-right"


class ByToken(HttpBearer):
    """Lets a program through that came in with a token, when the token has the right the route asks for.

    The route names its right in its documentation (`x-right`); one that names none asks for the stage's `read` or
    `write`. The middleware has looked the token up already.
    """

    def __init__(self, needed: Callable[[HttpRequest], str]) -> None:
        super().__init__()
        self.needed = needed

    def __call__(self, request: HttpRequest) -> Any:
        """Return the actor; None where no token was sent. Raises Forbidden without the right."""
        if getattr(request, "admission", None) is None:
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        actor.must_have(self.needed(request))
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never called: the middleware has read the header."""
        raise NotImplementedError


class SignedIn(SessionAuth):
    """Lets signed-in accounts through; what writes needs the CSRF token of the session's pages as well."""

    def __call__(self, request: HttpRequest) -> Any:
        """Return the actor, or None for a stranger, who is told so before anything else."""
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the actor, or None for a stranger."""
        return request.actor if request.user.is_authenticated else None  # type: ignore[attr-defined]


def default_right(stage: str, method: str) -> str:
    """Return the right a route asks for that names none."""
    return f"{stage}.{'read' if method.upper() in SAFE else 'write'}"


class _Extras(OpenAPISchema):
    """The document with nothing in it but what routes add of their own: the whole takes seconds, and the first to ask after
    a start would wait for it."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """Return what the route adds."""
        return dict(operation.openapi_extra or {})


def route_of(request: HttpRequest) -> str:
    """Return the route a request goes to, as the document writes it: /api/response/orders/{order}."""
    match = request.resolver_match
    return "/" + re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", match.route if match else "")


class Rights:
    """Which right each route asks for, read once from the documentation of the routes themselves."""

    def __init__(self, api: Callable[[], NinjaAPI]) -> None:
        self.api = api
        self.table: dict[tuple[str, str], str] = {}

    def __call__(self, request: HttpRequest) -> str:
        """Return the right of the route this request goes to."""
        if not self.table:
            self.table = self._read()
        method = "GET" if request.method in SAFE else str(request.method)
        return self.table.get((method, route_of(request))) or default_right(request.path.split("/")[2], method)

    def _read(self) -> dict[tuple[str, str], str]:
        api = self.api()
        paths = _Extras(api, api.get_root_path({}))["paths"]
        return {
            (method.upper(), path): operation[RIGHT]
            for path, methods in paths.items()
            for method, operation in methods.items()
            if RIGHT in operation
        }
