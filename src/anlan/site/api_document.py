"""What every route has in common in the OpenAPI document: how to come in, and the refusals any of them can give."""

from __future__ import annotations

from typing import Any

from anlan.kernel.idempotency import HEADER
from anlan.kernel.tokens import RIGHTS
from anlan.site.api_access import RIGHT, default_right
from anlan.site.api_idempotency import FORM, LONGEST, REPLAYED, takes_key

DESCRIPTION = """Errors are problem+json (RFC 9457) with `code`, the words in `zh` and `en`, and the `field` and `value`
that are wrong. People come in by their session; what writes then needs the `X-CSRFToken` header. Programs come in by a
token: `Authorization: Bearer TOKEN`, or Basic with the token as password. A token reaches the divisions and has the
rights it was made with (`x-right` says which right a route asks for); `RateLimit` headers say what is left of its rate.
A write that may have to be sent again carries an `Idempotency-Key`: it is done once, and answered alike each time.

错误均为 problem+json，含代码、中英文说明以及出错的字段和值。人员以登录会话访问；程序以令牌访问。
可能重发的写请求请带 `Idempotency-Key`：只办理一次，重发得到同一答复。"""

PROBLEM = {
    "type": "object",
    "title": "Refusal",
    "description": "A refusal: what is wrong and how to mend it, in both languages (RFC 9457).",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "code", "zh", "en")},
        "status": {"type": "integer"},
        "field": {"type": "string"},
        "value": {"type": ["string", "null"]},
    },
    "required": ["type", "title", "status", "code", "zh", "en"],
}
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": f"""A key of the caller's own for this act, such as a UUID, quoted or bare, of up to {LONGEST} characters. The same
request under the same key of the same account is not done again: it gets the answer of the first, with `{REPLAYED}:
true`, for as long as the option `idempotency_keep_h` says. Another request under it is refused with 422
`idempotency.reused`; while the first is being done, with 409 `idempotency.running` and `Retry-After`. Answers of 5xx and
429 are not kept: send again under the same key.

本次操作的自定键（如 UUID），可加双引号。同一账号以同一键重发同一请求，不再办理，返回首次的答复。""",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST + 2, "pattern": FORM},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
KEPT = {"description": "`true` when this is the answer of an earlier, same request.", "schema": {"type": "string"}}
EVERYWHERE = {
    "400": "The request can't be read: a body that is no JSON, a header that is none.",
    "401": "Nobody is signed in, or the token opens nothing.",
    "403": "This actor or token may not do that here, or the session's X-CSRFToken is missing.",
    "422": "A value can't be taken as it is; field, value and remedy are named.",
    "429": "The token's requests of this minute are used up; Retry-After says when to try again.",
    "503": "A needed part is not there now.",
}
WITH_BODY = {
    "413": "The body is larger than is taken at once.",
    "415": "The body is of a kind this route does not read.",
}


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to each route the answers any route can give, its right, and to the document how to come in."""
    schema["components"].setdefault("schemas", {})["Refusal"] = PROBLEM
    schema["components"] |= {"parameters": {"IdempotencyKey": KEY}, "headers": {"IdempotentReplayed": KEPT}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            common = dict(EVERYWHERE)
            if "requestBody" in operation:
                common |= WITH_BODY
            if "{" in path:
                common["404"] = "There is no such thing, or not in your area."
            keyed = takes_key(method, path)
            if keyed:
                common["409"] = (
                    "It can't be done as things stand, or the same request is being done now; see Retry-After."
                )
            responses = {str(code): answer for code, answer in operation["responses"].items()}
            for code, words in common.items():
                responses.setdefault(code, {"description": words})
            for code, answer in responses.items():
                if code[0] in "45":
                    answer["content"] = _refusal()
            if keyed:
                operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
                for code, answer in responses.items():
                    if code[0] == "2":
                        answer["headers"] = {REPLAYED: {"$ref": "#/components/headers/IdempotentReplayed"}}
            operation["responses"] = dict(sorted(responses.items()))
            operation.setdefault(RIGHT, default_right(path.split("/")[2], method))
    schema["info"]["x-rights"] = {code: {"zh": right.zh, "en": right.en} for code, right in RIGHTS.items()}
    return schema


def _refusal() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
