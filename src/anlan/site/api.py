"""The REST interface: every stage's router under one roof, with problem+json answers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from anlan import __version__
from anlan.kernel.problem import Forbidden, Problem
from anlan.site.stages import having


class SignedIn(SessionAuth):
    """Lets signed-in accounts through; what writes needs the CSRF token of the session's pages as well."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the actor, or None for a stranger."""
        return request.actor if request.user.is_authenticated else None  # type: ignore[attr-defined]


api = NinjaAPI(title="Anlan", version=__version__, urls_namespace="api", auth=SignedIn(), docs_url=None)
for stage in having("api"):
    api.add_router(f"/{stage}", import_module(f"anlan.{stage}.api").router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer a problem as RFC 9457 JSON."""
    return JsonResponse(problem.as_dict(), status=problem.http, content_type="application/problem+json")


@api.exception_handler(HttpError)
def on_refusal(request: HttpRequest, failure: HttpError) -> HttpResponse:
    """Answer the framework's own refusals (a missing CSRF token, a body that is no JSON) as problems."""
    body = {
        "type": "urn:anlan:problem:request.refused",
        "title": str(failure),
        "status": failure.status_code,
        "code": "request.refused",
        "zh": f"请求未被接受（{failure}）；请核对请求体与 X-CSRFToken 标头后重发。",
        "en": f"The request was refused ({failure}); check its body and its X-CSRFToken header, then send again.",
    }
    return JsonResponse(body, status=failure.status_code, content_type="application/problem+json")


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    """Answer a body or query that does not fit its schema, naming each field and what is wrong."""
    errors = [{"field": ".".join(str(p) for p in e["loc"][1:]), "message": e["msg"]} for e in failure.errors]
    first = errors[0] if errors else {"field": "", "message": ""}
    body = {
        "type": "urn:anlan:problem:request.invalid",
        "title": f"{first['field']}: {first['message']}",
        "status": 422,
        "code": "request.invalid",
        "zh": f"字段 {first['field']} 的值不符合要求；请按接口说明修改后重发。",
        "en": f"The field {first['field']} does not fit: {first['message']}. Mend it and send again.",
        "errors": errors,
    }
    return JsonResponse(body, status=422, content_type="application/problem+json")


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, failure: AuthenticationError) -> HttpResponse:
    """Answer a request without a session."""
    problem = Forbidden(code="account.none", zh="请先登录。", en="Sign in first.")
    return JsonResponse(problem.as_dict(), status=401, content_type="application/problem+json")
