"""What a program can't be answered at all: refused in words before any stage sees it, and never as a page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse

from anlan.kernel.problem import Invalid, NotFound, Problem
from anlan.site.token_access import is_for_programs, refusal

Handler = Callable[[HttpRequest], HttpResponse]


class NotAllowed(Problem):
    """The address is there, but not for this method."""

    http = 405


class Unreadable(Problem):
    """The request can't be read."""

    http = 400


def refusals(handler: Handler) -> Handler:
    """Refuse a NUL in an address, and turn the framework's own pages for 400, 404 and 405 into problems."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not is_for_programs(request):
            return handler(request)
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            return refusal(_nul())
        response = handler(request)
        if response.status_code in _WORDS and "json" not in response.get("Content-Type", ""):
            plain = refusal(_WORDS[response.status_code](request))
            for name in ("Allow", "Vary"):
                if name in response:
                    plain[name] = response[name]
            return plain
        return response

    return respond


def _nul() -> Invalid:
    return Invalid(
        code="request.nul",
        zh="地址中含有空字符（%00）；请去掉后重发。",
        en="The address holds a NUL character (%00); leave it out and send again.",
        field="address",
        value="%00",
    )


def _no_such(request: HttpRequest) -> Problem:
    return NotFound(
        code="request.no_such_address",
        zh="没有这个地址；请核对接口说明。",
        en="There is no such address; see the description of the interface.",
        field="address",
        value=unquote_to_bytes(request.path).decode("utf-8", "replace"),
    )


def _not_allowed(request: HttpRequest) -> Problem:
    return NotAllowed(
        code="request.method",
        zh=f"此地址不支持 {request.method} 方法；可用方法见 Allow 标头。",
        en=f"This address does not take {request.method}; the Allow header says what it takes.",
        field="method",
        value=request.method,
    )


def _unreadable(request: HttpRequest) -> Problem:
    return Unreadable(
        code="request.unreadable",
        zh="请求无法读取；请核对标头与请求体。",
        en="The request can't be read; check its headers and body.",
        field="request",
    )


_WORDS: dict[int, Callable[[HttpRequest], Problem]] = {400: _unreadable, 404: _no_such, 405: _not_allowed}
