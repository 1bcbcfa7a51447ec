"""The REST interface: every stage's router under one roof, with problem+json answers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from anlan import __version__
from anlan.kernel.problem import Invalid, Problem, TooLarge, Unknown
from anlan.site.api_access import ByToken, Rights, SignedIn
from anlan.site.api_document import DESCRIPTION, complete
from anlan.site.api_idempotency import once
from anlan.site.stages import having
from anlan.site.token_access import refusal


class Interface(NinjaAPI):
    """The interface with a document that names every answer of every route."""

    def get_openapi_schema(self, **words: Any) -> Any:
        """Return the OpenAPI document."""
        return complete(super().get_openapi_schema(**words))


class StrictJson(Parser):
    """Reads JSON as the standard has it: no NaN, no half characters; and no NUL, which no database keeps."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body; ValueError where it is no JSON, Invalid where it holds a NUL."""
        body = orjson.loads(request.body)
        if b"\\u0000" in request.body and _has_nul(body):
            raise Invalid(
                code="request.nul",
                zh="请求体中含有空字符（U+0000）；请去掉后重发。",
                en="The body holds a NUL character (U+0000); leave it out and send again.",
                field="body",
                value="U+0000",
            )
        return body


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_nul(item) for item in value)


api: Interface = Interface(
    title="Anlan",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[ByToken(Rights(lambda: api)), SignedIn()],
    docs_url=None,
    parser=StrictJson(),
)
api.add_decorator(once, mode="view")  # around a route's whole run, its answer included
for stage in having("api"):
    api.add_router(f"/{stage}", import_module(f"anlan.{stage}.api").router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer a problem as RFC 9457 JSON."""
    return refusal(problem)


@api.exception_handler(DataError)
def on_out_of_range(request: HttpRequest, failure: DataError) -> HttpResponse:
    """Answer a number or date that no column can hold."""
    return refusal(
        Invalid(
            code="request.out_of_range",
            zh="有一个值超出可保存的范围；请改小后重发。",
            en="A value is out of the range that can be kept; make it smaller and send again.",
            field="request",
            value=str(failure).split("\n")[0],
        )
    )


@api.exception_handler(RequestDataTooBig)
def on_too_large(request: HttpRequest, failure: RequestDataTooBig) -> HttpResponse:
    """Answer a body that is larger than is taken at once."""
    problem = TooLarge(
        code="request.too_large",
        zh="请求体超过32 MB；请分批发送，或改用文件导入。",
        en="The body is over 32 MB; send it in parts, or import a file.",
        field="body",
    )
    return refusal(problem)


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
    """Answer a request without a session or token."""
    return refusal(Unknown(code="account.none", zh="请先登录，或带上令牌。", en="Sign in first, or send a token."))
