"""Where gateways tell us of messages: receipts, replies, key presses. Signed with the secret of the way out; no session.

A receipt is never an answer; a reply code or a key press is.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest
from ninja import Router

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid
from anlan.warning.api.schemas import GatewayTold, Refusal
from anlan.warning.channels.gateway import Receipt, Reply
from anlan.warning.formats.channel_settings import Http, Voice, settings_of
from anlan.warning.formats.http_message import SIGNATURE, at_path, genuine
from anlan.warning.models import ChannelSetting
from anlan.warning.services.inbox import receipts_put, reply_take
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.ways import way_get

router = Router(tags=["warning"], auth=None)
ANSWERS: dict[Any, Any] = {200: GatewayTold, 403: Refusal, 404: Refusal, 422: Refusal}
MOST = 1000


@router.post("/{code}/receipts", response=ANSWERS, summary="Delivery receipts of a gateway")
def receipts(request: HttpRequest, code: str) -> dict[str, Any]:
    """Take receipts: one JSON object or a list of them, with `reference`, `state` and `detail` (or the fields the way
    out's settings name). They are stored before this returns. 403 without a genuine signature.
    """
    setting, settings, found = _read(request, code)
    now = clock.now()
    kept = []
    for item in found:
        told = {name: _field(settings, item, name) for name in ("reference", "state", "detail")}
        ends = {"delivered": settings.delivered_values, "failed": settings.failed_values}
        state = next((end for end, values in ends.items() if told["state"] in values), "")
        if told["reference"] and state:
            kept.append(Receipt(told["reference"], state, told["detail"], now))
    receipts_put(setting=setting.id, receipts=kept)
    return {"taken": len(kept), "results": []}


@router.post("/{code}/replies", response=ANSWERS, summary="Replies and key presses of called people")
def replies(request: HttpRequest, code: str) -> dict[str, Any]:
    """Take what called people sent back: `words` (a reply code such as 1) or `key` (a key pressed), with `reference` (ours,
    as it was handed over) or `address`. Each becomes the answer to the call it belongs to; what can't be read goes to
    the duty desk. Sending the same again changes nothing. 403 without a genuine signature.
    """
    setting, settings, found = _read(request, code)
    codes = settings.keys if isinstance(settings, Voice) else None
    results = []
    for item in found:
        told = {name: _field(settings, item, name) for name in ("reference", "address", "words", "key")}
        reply = Reply(told["words"] or told["key"], clock.now(), "", told["address"], told["reference"])
        results.append(reply_take(setting=setting, reply=reply, codes=codes))
    return {"taken": len(results), "results": results}


def _read(request: HttpRequest, code: str) -> tuple[ChannelSetting, Http, list[dict[str, Any]]]:
    """The way out, its settings and what was sent, once the signature is proved."""
    with transaction_reach():
        setting = way_get(code)
    settings = settings_of(setting.kind, setting.settings)
    secret = settings.callback_secret if isinstance(settings, Http) else ""
    now = int(clock.now().timestamp())
    if not isinstance(settings, Http) or not secret or not setting.enabled or not genuine(
        options.secret(secret), request.body, request.headers.get(SIGNATURE, ""), now
    ):  # fmt: skip
        raise Forbidden(
            code="gateway.signature",
            zh=f"签名不符：请用该渠道的回调密钥对“时间.正文”计算 HMAC-SHA256，放入 {SIGNATURE}。",
            en=f"The signature does not hold: put HMAC-SHA256 of “time.body” with the callback secret into {SIGNATURE}.",
            field=SIGNATURE,
            value=code,
        )
    try:
        found = orjson.loads(request.body)
    except ValueError as error:
        raise _shape(str(error)) from error
    items = found if isinstance(found, list) else [found]
    if len(items) > MOST or not all(isinstance(item, dict) for item in items):
        raise _shape(f"{len(items)} items")
    return setting, settings, items


def _shape(value: str) -> Invalid:
    return Invalid(
        code="gateway.body",
        zh=f"请求体应为一个 JSON 对象或至多 {MOST} 个对象的数组。",
        en=f"Send one JSON object, or a list of at most {MOST}.",
        field="body",
        value=value,
    )


def _field(settings: Http, item: dict[str, Any], name: str) -> str:
    return at_path(item, settings.callback_fields.get(name, name))


def transaction_reach() -> Any:
    """The platform's own reach inside a transaction: a gateway has no scope, the way out it speaks for may be read."""
    from contextlib import ExitStack

    from django.db import transaction

    stack = ExitStack()
    stack.enter_context(transaction.atomic())
    stack.enter_context(whole_reach())
    return stack
