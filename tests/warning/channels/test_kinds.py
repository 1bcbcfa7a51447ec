"""Every other way out against a real counterpart: mail server, broker, robots' addresses, push service, folders."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from anlan.warning.formats.http_message import genuine
from anlan.warning.formats.web_push import b64, point, unb64
from anlan.warning.models import OutboxMessage
from anlan.warning.services import contact_save
from tests.broker import broker
from tests.warning.channels.posting import (
    BY,
    Post,
    WebGateway,
    all_in,
    free_port,
    outgoing,
    sent,
    until,
    warning_row,
    way,
)

People = Callable[[int], list[UUID]]
Secrets = Callable[..., None]


class Mails:
    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.refuse = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse and address.startswith("full"):
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def mails() -> Iterator[tuple[Mails, int]]:
    handler = Mails()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def test_mail_is_sent_with_our_message_id_and_refusals_are_told_apart(
    post: Post, mails: tuple[Mails, int], persons: People
) -> None:
    handler, port = mails
    handler.refuse = "552 mailbox full"
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "duty@example.org",
        "security": "plain",
        "language": "both",
    }
    way("mail", "email", "smtp", settings)
    one, other = persons(2)
    for person, box in ((one, "one@example.org"), (other, "full@example.org")):
        contact_save(by=BY, person=person, division="410181", channel="email", address=box)
    warning = warning_row()
    sent(outgoing(warning, ["email"], one), outgoing(warning, ["email"], other))
    until(all_in("handed", "failed"), "both done")
    rows = {row.person: row for row in OutboxMessage.objects.all()}
    assert rows[other].state == "failed" and "552" in rows[other].error
    import email
    from email.policy import default

    mail = email.message_from_bytes(handler.taken[0].content, policy=default)
    assert handler.taken[0].rcpt_tos == ["one@example.org"] and len(handler.taken) == 1
    assert mail["Subject"] == "巩义市气象台发布暴雨红色预警"
    assert mail["Message-ID"] == f"<{rows[one].reference}@example.org>"
    assert "立即转移" in mail.get_content() and "Leave now" in mail.get_content()


def robot(kind: str, web: WebGateway, **more: Any) -> None:
    way(f"r-{kind}", "robot", kind, {"url": web.url(f"/{kind}"), "key": "robotkey", **more})


def test_robots_are_told_once_a_group_in_their_own_form(
    post: Post, web: WebGateway, persons: People, secrets: Secrets
) -> None:
    secrets(robotkey="KEY-1", robotsign="SEC-1")
    answers = {"/wecom": {"errcode": 0}, "/dingtalk": {"errcode": 0}, "/feishu": {"code": 0}}
    web.answer = lambda path, *_: (200, answers["/" + path.split("?")[0].split("/")[1]])
    robot("wecom", web)
    robot("dingtalk", web, sign="robotsign")
    robot("feishu", web, sign="robotsign")
    warning = warning_row()
    sent(*[outgoing(warning, ["robot"], person) for person in persons(25)])
    until(all_in("delivered"), "told")
    assert len(web.requests) == 3, "one message a group, not one a person"
    told = {urlsplit(path).path.split("/")[1]: (urlsplit(path), json.loads(body)) for _, path, _, body in web.requests}
    url, body = told["wecom"]
    assert parse_qs(url.query) == {"key": ["KEY-1"]}
    assert (
        body["msgtype"] == "text"
        and body["text"]["mentioned_list"] == ["@all"]
        and "立即转移" in body["text"]["content"]
    )
    url, body = told["dingtalk"]
    query = parse_qs(url.query)
    proof = hmac.new(b"SEC-1", f"{query['timestamp'][0]}\nSEC-1".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(proof).decode()] and query["access_token"] == ["KEY-1"]
    assert body["at"] == {"isAtAll": True}
    url, body = told["feishu"]
    proof = hmac.new(f"{body['timestamp']}\nSEC-1".encode(), b"", hashlib.sha256).digest()
    assert url.path == "/feishu/KEY-1" and body["sign"] == base64.b64encode(proof).decode()
    assert body["msg_type"] == "text" and "立即转移" in body["content"]["text"]


def test_a_robot_that_refuses_is_believed(post: Post, web: WebGateway, persons: People, secrets: Secrets) -> None:
    secrets(robotkey="KEY-1")
    web.answer = lambda *_: (200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    robot("wecom", web)
    sent(outgoing(warning_row(), ["robot"], persons(1)[0]))
    until(all_in("failed"), "failed")
    assert "93000" in OutboxMessage.objects.get().error


def test_a_webhook_is_signed_and_gets_each_person_and_the_public_message(
    post: Post, web: WebGateway, persons: People, secrets: Secrets
) -> None:
    from anlan.kernel import clock

    secrets(hook="S3CRET")
    way("hook", "webhook", "webhook", {"url": web.url("/hook"), "sign": "hook", "headers": {"X-From": "{number}"}})
    warning = warning_row()
    sent(*[outgoing(warning, ["webhook"], person) for person in persons(3)], outgoing(warning, ["webhook"]))
    until(all_in("delivered"), "delivered")
    assert len(web.requests) == 4
    for _, _, headers, body in web.requests:
        now = int(clock.now().timestamp())
        assert genuine("S3CRET", body, headers["x-anlan-signature"], now)
        assert not genuine("S3CRET", body + b" ", headers["x-anlan-signature"], now)
        assert not genuine("S3CRET", body, headers["x-anlan-signature"], now + 3600)
        assert headers["x-from"] == warning.number


def opened(body: bytes, browser: ec.EllipticCurvePrivateKey, auth: bytes) -> dict[str, Any]:
    """Decrypt a push as a browser does (RFC 8291 §3.4), by HMAC alone and not by our own code."""
    salt, length = body[:16], body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    shared = browser.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))

    def step(key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, hashlib.sha256).digest()

    keyed = step(step(auth, shared), b"WebPush: info\0" + point(browser.public_key()) + sender + b"\1")
    prk = step(salt, keyed)
    key = step(prk, b"Content-Encoding: aes128gcm\0\1")[:16]
    nonce = step(prk, b"Content-Encoding: nonce\0\1")[:12]
    plain = AESGCM(key).decrypt(nonce, sealed, None)
    assert plain[-1:] == b"\2"
    return json.loads(plain[:-1])


def test_a_browser_can_read_its_push_and_the_service_can_check_who_sent_it(
    post: Post, web: WebGateway, persons: People, secrets: Secrets
) -> None:
    vapid = ec.generate_private_key(ec.SECP256R1())
    secrets(vapid=b64(vapid.private_numbers().private_value.to_bytes(32)))
    browser, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    web.answer = lambda path, *_: (410, {}) if path == "/push/gone" else (201, {})
    way("push", "app", "web_push", {"secret": "vapid", "subject": "mailto:duty@example.org"})
    one, other = persons(2)
    keys = {"p256dh": b64(point(browser.public_key())), "auth": b64(auth)}
    for person, path in ((one, "/push/a"), (other, "/push/gone")):
        contact_save(by=BY, person=person, division="410181", channel="app", address=web.url(path), keys=keys)
    warning = warning_row()
    sent(outgoing(warning, ["app"], one), outgoing(warning, ["app"], other))
    until(all_in("handed", "failed"), "both done")
    assert OutboxMessage.objects.get(person=other).error == "HTTP 410 subscription gone"
    _, _, headers, body = next(request for request in web.requests if request[1] == "/push/a")
    told = opened(body, browser, auth)
    assert told["title"] == warning.headline_zh and "立即转移" in told["body"]
    assert headers["urgency"] == "high" and headers["content-encoding"] == "aes128gcm" and len(headers["topic"]) <= 32
    token, key = headers["authorization"].removeprefix("vapid t=").split(", k=")
    signing, _, signature = token.rpartition(".")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    proof = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(proof, signing.encode(), ec.ECDSA(SHA256()))
    assert json.loads(unb64(signing.split(".")[1]))["aud"] == f"http://127.0.0.1:{web.port}"


def test_loudspeakers_hear_a_public_warning_once_in_each_of_its_divisions(post: Post, transactional_db: None) -> None:
    port = free_port()
    with broker(port):
        heard: list[tuple[str, dict[str, Any]]] = []
        ready = threading.Event()
        speaker = paho.Client(CallbackAPIVersion.VERSION2, client_id="speaker")
        speaker.on_message = lambda _c, _d, message: heard.append((message.topic, json.loads(message.payload)))
        speaker.on_subscribe = lambda *_: ready.set()
        speaker.connect("127.0.0.1", port)
        speaker.loop_start()
        speaker.subscribe("village/#", qos=1)
        assert ready.wait(20)
        settings = {"host": "127.0.0.1", "port": port, "topic": "village/{division}/play", "repeat": 2}
        way("horn", "loudspeaker", "mqtt", settings)
        warning = warning_row(area=["410181100", "410181101"])
        sent(outgoing(warning, ["loudspeaker"], role=""))
        sent(outgoing(warning, ["loudspeaker"], role=""))
        until(all_in("handed"), "handed to the broker")
        until(lambda: len(heard) == 2, "both divisions")
        assert sorted(topic for topic, _ in heard) == ["village/410181100/play", "village/410181101/play"]
        assert {one["id"] for _, one in heard} == {OutboxMessage.objects.get().reference}
        assert heard[0][1]["level"] == 1 and heard[0][1]["repeat"] == 2 and "立即转移" in heard[0][1]["text"]
        speaker.disconnect()
        speaker.loop_stop()


def test_broadcast_files_are_whole_and_say_who_where_and_what(post: Post, tmp_path: Path) -> None:
    folder = tmp_path / "broadcast"
    folder.mkdir()
    settings = {"folder": str(folder), "sender": "41018141600000", "receivers": ["R-1"]}
    way("file", "loudspeaker", "broadcast_file", settings)
    sent(outgoing(warning_row(), ["loudspeaker"], role="", text_zh="<转移> & 避险"))
    until(all_in("handed"), "written")
    (path,) = folder.iterdir()
    tree = etree.fromstring(path.read_bytes())
    assert tree.findtext("content") == "<转移> & 避险" and tree.findtext("severity") == "1"
    assert [e.text for e in tree.iter("areaCode")] == ["410181000000"] and tree.findtext("receiver") == "R-1"


def test_the_call_list_names_everybody_called_and_only_the_owner_reads_it(post: Post, tmp_path: Path) -> None:
    from anlan.territory.services import generate
    from anlan.warning.models import Call
    from anlan.warning.services import warning_issue
    from tests.warning.conftest import SCENARIO

    generate("tiny", 7)
    way("list", "call_list", "call_list", {"folder": str(tmp_path / "lists")})
    way("loop", "sms", "loopback")
    warning = warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"])
    public = outgoing(warning, ["call_list"], role="")
    sent(public)
    until(all_in("delivered", channel="call_list"), "written")
    page = tmp_path / "lists" / f"{warning.number}_0.html"
    table = page.with_suffix(".csv").read_text("utf-8-sig").splitlines()
    assert page.stat().st_mode & 0o777 == 0o600
    called = Call.objects.filter(warning=warning).exclude(state="exhausted").count()
    assert called > 0 and len(table) - 1 >= called
    assert page.read_text("utf-8").count("<tr>") == len(table)
