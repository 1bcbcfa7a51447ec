"""What the robots of WeCom, DingTalk and Feishu groups are told, and what their answers mean. Pure.

Sources: the makers' public pages on group robots (WeCom "群机器人配置说明", DingTalk "自定义机器人接入" with signature, Feishu
"自定义机器人使用指南" with signature).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import urlencode

from anlan.warning.formats.channel_settings import Robot

WECOM_OCTETS: Final = 2048  # of a text message's content
TOO_FAST: Final = {"wecom": {45009, 45033}, "dingtalk": {130101, 410100}, "feishu": {9499, 11232}}
BUSY: Final = {"wecom": {-1}, "dingtalk": {-1}, "feishu": {1500, 190005}}


def robot_request(kind: str, settings: Robot, words: str, *, key: str, sign: str, at_ms: int) -> tuple[str, bytes]:
    """Address and JSON body of one message to a group. key: WeCom's key, DingTalk's access_token, Feishu's hook id."""
    query: dict[str, Any] = {}
    body: dict[str, Any]
    if kind == "wecom":
        query["key"] = key
        content = words.encode()[:WECOM_OCTETS].decode("utf-8", "ignore")
        body = {"msgtype": "text", "text": {"content": content}}
        if settings.mention_all:
            body["text"]["mentioned_list"] = ["@all"]
    elif kind == "dingtalk":
        query["access_token"] = key
        if sign:
            query |= {"timestamp": at_ms, "sign": dingtalk_sign(sign, at_ms)}
        body = {"msgtype": "text", "text": {"content": words}, "at": {"isAtAll": settings.mention_all}}
    else:
        mention = '<at user_id="all">所有人</at> ' if settings.mention_all else ""
        body = {"msg_type": "text", "content": {"text": mention + words}}
        if sign:
            body |= {"timestamp": str(at_ms // 1000), "sign": feishu_sign(sign, at_ms // 1000)}
    url = settings.url
    if kind == "feishu" and key:
        url = f"{url.rstrip('/')}/{key}"
    query = {name: value for name, value in query.items() if value != ""}
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    return url, json.dumps(body, ensure_ascii=False).encode()


def dingtalk_sign(secret: str, at_ms: int) -> str:
    """Base64 of HMAC-SHA256 with the secret over "time in ms, line feed, secret"."""
    return base64.b64encode(hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()).decode()


def feishu_sign(secret: str, at_s: int) -> str:
    """Base64 of HMAC-SHA256 over nothing, with "time in s, line feed, secret" as the key."""
    return base64.b64encode(hmac.new(f"{at_s}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def robot_understood(kind: str, status: int, body: bytes) -> tuple[str, str, float]:
    """(state, error, seconds to wait): delivered when the robot said so; retry when it is too fast or busy."""
    if status == 429 or status >= 500:
        return "retry", f"HTTP {status}", 0.0
    try:
        found = json.loads(body)
        name = "code" if kind == "feishu" else "errcode"
        code = int(found[name] if name in found else found["StatusCode"])
    except (ValueError, KeyError, TypeError):
        return "failed", f"HTTP {status} {body[:120].decode('utf-8', 'replace')}", 0.0
    if code == 0:
        return "delivered", "", 0.0
    error = f"{code} {found.get('errmsg') or found.get('msg') or ''}"[:180]
    if code in TOO_FAST[kind]:
        return "retry", error, 60.0 if kind != "feishu" else 5.0
    return ("retry" if code in BUSY[kind] else "failed"), error, 0.0
