"""Requests to HTTP gateways from templates, what their answers mean, and signatures. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from anlan.warning.formats.channel_settings import Http

SIGNATURE: Final = "X-Anlan-Signature"
TYPES: Final = {"json": "application/json", "form": "application/x-www-form-urlencoded", "query": "text/plain"}


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with every {name} that is known replaced, at any depth; other braces stay."""
    if isinstance(template, str):
        for name, value in values.items():
            if f"{{{name}}}" in template:
                template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, Mapping):
        return {filled(key, values): filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(item, values) for item in template]
    return template


def signed(secret: str, body: bytes, at: int) -> str:
    """The value of the signature header: "t=<unix seconds>,v1=<hex HMAC-SHA256 of 't.body'>"."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def genuine(secret: str, body: bytes, header: str, now: int, *, within_s: int = 300) -> bool:
    """Was `body` signed with this secret at most `within_s` from now? Compared in constant time."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(now - int(at)) > within_s:
        return False
    return hmac.compare_digest(signed(secret, body, int(at)), f"t={int(at)},v1={parts.get('v1', '')}")


def request(
    settings: Http, values: Mapping[str, str], *, secret: str = "", sign: str = "", at: int = 0
) -> tuple[str, str, bytes, dict[str, str]]:
    """Method, address, body and headers of the request for one message. `values` must hold "reference"."""
    body, headers, url = _body(settings, values)
    headers |= filled(settings.headers, {**values, "secret": secret})
    if settings.key_header:
        headers[settings.key_header] = values["reference"]
    if sign:
        headers[SIGNATURE] = signed(sign, body, at)
    return settings.method, url, body, headers


def _body(settings: Http, values: Mapping[str, str]) -> tuple[bytes, dict[str, str], str]:
    fields = filled(settings.body or {name: f"{{{name}}}" for name in values}, values)
    url = filled(settings.url, {name: quote(value, safe="") for name, value in values.items()})
    if settings.form == "query":
        return b"", {}, url + ("&" if "?" in url else "?") + urlencode(fields)
    raw = urlencode(fields).encode() if settings.form == "form" else json.dumps(fields, ensure_ascii=False).encode()
    return raw, {"Content-Type": TYPES[settings.form]}, url


def at_path(found: Any, path: str) -> str:
    """The value at a path of dots ("data.id", "items.0.id") as text; '' where there is none."""
    for step in path.split(".") if path else []:
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return ""
    return "" if found is None or isinstance(found, dict | list) else str(found)


def understood(settings: Http, status: int, body: bytes) -> tuple[str, str, str]:
    """(state, the gateway's reference, error): handed, retry (429, 408, 425 and 5xx) or failed."""
    if status in (408, 425, 429) or status >= 500:
        return "retry", "", f"HTTP {status}"
    try:
        found = json.loads(body) if body.strip() else {}
    except ValueError:
        found = {}
    if status == 409:  # known before by our key: the gateway has it
        return "handed", at_path(found, settings.taken), ""
    if not 200 <= status < 300:
        return "failed", "", f"HTTP {status} {body[:120].decode('utf-8', 'replace')}"
    if settings.ok and at_path(found, settings.ok) != settings.ok_value:
        return "failed", "", f"{settings.ok}={at_path(found, settings.ok)} {body[:120].decode('utf-8', 'replace')}"
    return "handed", at_path(found, settings.taken), ""
