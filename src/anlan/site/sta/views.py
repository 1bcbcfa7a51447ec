"""The SensorThings interface: reading and writing under `/sta/v1.1`. Signed in or by token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja.utils import check_csrf

from anlan.kernel.actor import Actor
from anlan.kernel.answers import json_answer
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Problem, Unknown
from anlan.site.sta import asking, writing
from anlan.site.sta.asking import Asked
from anlan.site.sta.bodies import Writer, value_of
from anlan.site.sta.entities import SETS
from anlan.site.sta.errors import NotAllowed, answer_of, unreadable
from anlan.site.sta.paths import Place, nothing, place_of
from anlan.site.sta.reading import Reader

SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMANCE = [
    SPEC + part
    for part in (
        "datamodel", "resource-path/resource-path-to-entities", "request-data", "create-update-delete/create-entity",
        "create-update-delete/link-to-existing-entities", "create-update-delete/deep-insert",
        "create-update-delete/deep-insert-status-code", "create-update-delete/update-entity",
        "create-update-delete/historical-location-auto-creation", "data-array/data-array",
    )
]  # fmt: skip
SAFE = ("GET", "HEAD", "OPTIONS")


def base(request: HttpRequest) -> str:
    """Return the address of the interface as this caller reaches it."""
    return f"{'https' if options.https else request.scheme}://{request.get_host()}/sta/v1.1"


@csrf_exempt  # people's sessions are checked below; programs have their token
def interface(request: HttpRequest, address: str = "") -> HttpResponse:
    """Answer every address of the interface."""
    who: Actor = request.actor  # type: ignore[attr-defined]
    try:
        if who.kind == "anonymous":
            raise Unknown(code="account.none", zh="请先登录，或带上令牌。", en="Sign in first, or send a token.")
        if request.method in ("GET", "HEAD"):
            who.must_have("monitoring.read")
            return _read(request, who, address)
        who.must_have("monitoring.write")
        if getattr(request, "admission", None) is None and check_csrf(request) is not None:
            raise Forbidden(code="sta.csrf", zh="请带上页面的 CSRF 令牌，或改用接口令牌。",
                            en="Send the page's CSRF token, or use a token for programs.", field="X-CSRFToken")  # fmt: skip
        return _written(request, who, address)
    except Problem as problem:
        return answer_of(request, problem)


def _read(request: HttpRequest, who: Actor, address: str) -> HttpResponse:
    params = _params(request)
    writer = Writer(base(request))
    if not address.strip("/"):
        asking.asked(params, SETS["Things"])
        return json_answer(request, _root(writer.root))
    reader = Reader(who.scope)
    with reader.bounded():
        place = place_of(reader, address)
        asked = asking.asked(params, place.entity)
        if place.tail:
            return _property(request, reader, place)
        own = f"{writer.root}/{'/'.join(part for part in address.split('/') if part and part != '$ref')}"
        return json_answer(request, _entities(reader, writer, place, asked, own))


def _entities(reader: Reader, writer: Writer, place: Place, asked: Asked, own: str) -> dict[str, Any]:
    if place.single:
        row = reader.one(asked, place.under)
        if row is None:
            raise nothing()
        return {"@iot.selfLink": writer.link(place.entity, row)} if place.ref else writer.one(asked, row)
    if asked.array and asked.expand:
        raise unreadable("$expand", "", "dataArray 不能同时展开。", "A dataArray can't be expanded as well.")
    page = reader.page(asked, place.under)
    return writer.refs(asked, page, own) if place.ref else writer.many(asked, page, own)


def _property(request: HttpRequest, reader: Reader, place: Place) -> HttpResponse:
    """Answer with one property: in an object, or bare."""
    name, *keys = place.tail
    row = reader.one(Asked(entity=place.entity, select=frozenset([name])), place.under)
    if row is None:
        raise nothing()
    value = value_of(place.entity.fields[name], row)
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise nothing()
        value = value[key]
    if value is None:
        return HttpResponse(status=204)
    if not place.value:
        return json_answer(request, {place.tail[-1]: value})
    if isinstance(value, dict | list):
        return json_answer(request, value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _root(root: str) -> dict[str, Any]:
    return {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in SETS],
        "serverSettings": {
            "conformance": CONFORMANCE,
            SPEC + "data-array/data-array": {"endpoints": [f"{root}/CreateObservations"]},
        },
    }


def _params(request: HttpRequest) -> Mapping[str, str]:
    """Return the options; one that comes twice is refused, for it isn't known which is meant."""
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise unreadable(name[:64], values[1][:80], "给出了两次。", "It was given twice.")
    return request.GET.dict()


def _written(request: HttpRequest, who: Actor, address: str) -> HttpResponse:
    """Create or change; nothing is ever deleted."""
    writer = Writer(base(request))
    if request.method == "DELETE":
        raise NotAllowed(
            code="sta.no_delete",
            zh="不能删除：读数与测站是证据，永不删除；有误的测站请隔离，停用的测站请改登记。",
            en="Nothing is deleted: readings and stations are evidence. Isolate a faulty station; change its registration.",
            field="method", value="DELETE", allow="GET, HEAD, POST, PATCH, PUT",
        )  # fmt: skip
    if request.method not in ("POST", "PATCH", "PUT"):
        raise NotAllowed(code="request.method", zh=f"此地址不支持 {request.method}。", en=f"No {request.method} here.",
                         field="method", value=request.method, allow="GET, HEAD, POST, PATCH, PUT")  # fmt: skip
    return writing.written(request, who, address.strip("/"), writer)
