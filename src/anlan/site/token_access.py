"""How a program comes in: the token in the Authorization header, its rate told in every answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from anlan.kernel.problem import Invalid, Problem, TooMany, Unknown
from anlan.kernel.tokens import Admission, token_admit

Handler = Callable[[HttpRequest], HttpResponse]
CHALLENGE = 'Bearer realm="Anlan", Basic realm="Anlan", charset="UTF-8"'
IN_ADDRESS = ("token", "access_token", "api_key", "apikey")
PROGRAMS = ("/api/", "/ogc", "/sta/", "/tiles/")


def is_for_programs(request: HttpRequest) -> bool:
    """Is this an address programs talk to, so that refusals are problem+json?"""
    return request.path.startswith(PROGRAMS)


def secret_of(request: HttpRequest) -> str | None:
    """Return the token of a request: `Bearer TOKEN`, or the password of `Basic` for programs that know only that.

    None without an Authorization header. Unknown (401) for another scheme, Invalid for a token in the address, where
    logs and histories would keep it.
    """
    for name in IN_ADDRESS:
        if name in request.GET and is_for_programs(request):
            raise Invalid(
                code="token.in_address",
                zh=f"地址中不能带令牌（参数 {name}），会留在日志里；请放在 Authorization 标头中，并吊销此令牌。",
                en=f"No token in the address (parameter {name}): logs keep it. Send it in the Authorization header,"
                " and revoke this one.",
                field=name,
                value="…",
            )
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            pass
    raise Unknown(
        code="token.scheme",
        zh="Authorization 标头应为“Bearer 令牌”，或以令牌为口令的 Basic。",
        en="Send Authorization: Bearer TOKEN, or Basic with the token as password.",
        field="Authorization",
        value=scheme[:20],
    )


def token_access(handler: Handler) -> Handler:
    """Let a token in, refuse it in words, and say in every answer how much of its rate is left."""

    def respond(request: HttpRequest) -> HttpResponse:
        try:
            secret = secret_of(request)
            admission = token_admit(secret) if secret is not None else None
        except Problem as problem:
            return refusal(problem)
        request.admission = admission  # type: ignore[attr-defined]
        response = handler(request)
        if admission is not None:
            tell_rate(response, admission)
        return response

    return respond


def tell_rate(response: HttpResponse, admission: Admission) -> None:
    """Put the rate and what is left of it into the answer's headers."""
    response["RateLimit-Policy"] = f'"token";q={admission.limit};w=60'
    response["RateLimit"] = f'"token";r={admission.remaining};t={admission.reset_s}'


def refusal(problem: Problem) -> HttpResponse:
    """Return a problem as problem+json, with the headers that belong to its status."""
    response = JsonResponse(problem.as_dict(), status=problem.http, content_type="application/problem+json")
    if isinstance(problem, Unknown):
        response["WWW-Authenticate"] = CHALLENGE
    if "retry_after_s" in problem.extra:
        response["Retry-After"] = str(problem.extra["retry_after_s"])
    if isinstance(problem, TooMany):
        response["RateLimit-Policy"] = f'"token";q={problem.extra["limit"]};w=60'
        response["RateLimit"] = f'"token";r=0;t={problem.extra["retry_after_s"]}'
    return response
