"""A write sent twice is done once: the header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), at the door.

Record and write are one transaction: the route's services commit nothing of their own, their transactions are parts of
it. So a process killed in the middle leaves neither.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from anlan.kernel.idempotency import HEADER, Given, key_answer, key_claim
from anlan.kernel.problem import Invalid
from anlan.site.api_access import SAFE, route_of

REPLAYED: Final = "Idempotent-Replayed"
LONGEST: Final = 255
# A string of RFC 8941 as the draft has it, or the bare key as most programs send it.
FORM: Final = r"""^("([ !#-\[\]-~]|\\["\\])+"|[!#-~]+)$"""
_TOO_MANY = 429

_BULK = "a bulk upload: safe to repeat by itself, and not of one transaction"
_READS = "writes nothing: asked again, it is answered anew"
_LOOKS = "every look at personal data is journalled, and what was shown is kept nowhere"
# Routes that take no key, and why.
WITHOUT: Final[dict[tuple[str, str], str]] = {
    ("POST", "/api/monitoring/readings"): _BULK,
    ("POST", "/api/territory/registers/{name}/imports"): _BULK,
    ("POST", "/api/warning/received"): _BULK,
    ("POST", "/api/warning/gateways/{code}/receipts"): _BULK,
    ("POST", "/api/warning/gateways/{code}/replies"): _BULK,
    ("POST", "/api/warning/ways/{code}/test"): "sends past the queue, which no transaction takes back",
    ("POST", "/api/territory/persons/{person}/unmask"): _LOOKS,
    ("POST", "/api/territory/target"): _LOOKS,
    ("POST", "/api/territory/inside"): _READS,
    ("POST", "/api/territory/inside/rows"): _READS,
    ("POST", "/api/warning/drafts/preview"): _READS,
    ("POST", "/api/warning/drafts/divisions"): _READS,
    ("POST", "/api/response/papers/filled"): _READS,
    ("POST", "/api/response/reports/check"): _READS,
    ("POST", "/api/response/rules/check"): _READS,
}
Run = Callable[..., Any]


def takes_key(method: str, route: str) -> bool:
    """Does this route take the header?"""
    return method.upper() not in SAFE and (method.upper(), route) not in WITHOUT


def once(run: Run) -> Run:
    """Wrap a route's `run`, so that a request with a key is done once and answered alike ever after.

    Who asks is checked first, each time: a kept answer goes to nobody who may not call the route.
    """
    operation: Operation = run.__self__  # type: ignore[attr-defined]

    @wraps(run)
    def respond(request: HttpRequest, **kw: Any) -> Any:
        header = request.headers.get(HEADER)
        if header is None or not takes_key(str(request.method), route_of(request)):
            return run(request, **kw)
        if (refused := operation._run_checks(request)) is not None:
            return refused
        try:
            return _once(request, key_of(header), lambda: run(request, **kw))
        except Exception as failure:
            return operation.api.on_exception(request, failure)

    return respond


def _once(request: HttpRequest, key: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    account = request.actor.account  # type: ignore[attr-defined]
    asked = digest(request)
    with transaction.atomic():
        row = key_claim(account=account, key=key, asked=asked)
        if isinstance(row, Given):
            return HttpResponse(row.body, status=row.status, headers=row.headers | {REPLAYED: "true"})
        with transaction.atomic():  # a refusal takes back what it began, and is kept all the same
            response = run()
            if response.status_code >= 400:
                transaction.set_rollback(True)
        if response.status_code >= 500 or response.status_code == _TOO_MANY:  # not the write's answer: it may come yet
            transaction.set_rollback(True)
        else:
            key_answer(row, Given(response.status_code, dict(response.items()), response.content))
    return response


def key_of(header: str) -> str:
    """Return the key a header names, quoted or bare. Raises Invalid.

    >>> key_of('"a 1"'), key_of("a-1")
    ('a 1', 'a-1')
    """
    header = header.strip()
    key = re.sub(r"\\(.)", r"\1", header[1:-1]) if header.startswith('"') else header
    if not re.fullmatch(FORM, header) or len(key) > LONGEST:
        raise Invalid(
            code="idempotency.key",
            zh=f"{HEADER} 应为1至{LONGEST}个可见 ASCII 字符（可加双引号），如 UUID；请改正后重发。",
            en=f"{HEADER} is 1 to {LONGEST} visible ASCII characters, in double quotes or bare, such as a UUID; mend it"
            " and send again.",
            field=HEADER,
            value=header,
        )
    return key


def digest(request: HttpRequest) -> str:
    """Return the digest of what is asked: method, address with its query, kind of body, body. A form with files counts by
    its fields, for each sending draws a new boundary."""
    total = hashlib.sha256(f"{request.method}\0{request.get_full_path()}\0{request.content_type}\0".encode())
    if request.method == "POST" and request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            total.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                content = hashlib.sha256()
                for chunk in file.chunks():
                    content.update(chunk)
                file.seek(0)
                total.update(repr((name, file.name, file.content_type, content.hexdigest())).encode())
    else:
        total.update(request.body)
    return total.hexdigest()
