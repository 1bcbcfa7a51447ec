"""What every route has in common in the OpenAPI document: how to come in, and the refusals any of them can give."""

from __future__ import annotations

from typing import Any

from anlan.kernel.tokens import RIGHTS
from anlan.site.api_access import RIGHT, default_right

DESCRIPTION = """Errors are problem+json (RFC 9457) with `code`, the words in `zh` and `en`, and the `field` and `value`
that are wrong. People come in by their session; what writes then needs the `X-CSRFToken` header. Programs come in by a
token: `Authorization: Bearer TOKEN`, or Basic with the token as password. A token reaches the divisions and has the
rights it was made with (`x-right` says which right a route asks for); `RateLimit` headers say what is left of its rate.

错误均为 problem+json，含代码、中英文说明以及出错的字段和值。人员以登录会话访问；程序以令牌访问。"""

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
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            common = dict(EVERYWHERE)
            if "requestBody" in operation:
                common |= WITH_BODY
            if "{" in path:
                common["404"] = "There is no such thing, or not in your area."
            responses = {str(code): answer for code, answer in operation["responses"].items()}
            for code, words in common.items():
                responses.setdefault(code, {"description": words})
            for code, answer in responses.items():
                if code[0] in "45":
                    answer["content"] = _refusal()
            operation["responses"] = dict(sorted(responses.items()))
            operation.setdefault(RIGHT, default_right(path.split("/")[2], method))
    schema["info"]["x-rights"] = {code: {"zh": right.zh, "en": right.en} for code, right in RIGHTS.items()}
    return schema


def _refusal() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
