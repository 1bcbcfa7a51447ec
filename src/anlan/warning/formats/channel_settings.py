"""What a way out's settings may be, by kind of gateway. Secrets are named here and kept in anlan.toml ([secrets])."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from anlan.kernel.problem import Invalid
from anlan.warning.engine.replies import CODES

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(ge=0.1, le=86_400)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=500)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Octet = Annotated[int, msgspec.Meta(ge=0, le=255)]
Language = Literal["zh", "en", "both"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base: nothing unknown is passed over in silence. language: of the words sent."""

    language: Language = "zh"
    timeout_s: Seconds = 15.0


class Smpp(Settings, frozen=True, kw_only=True):
    """SMPP 3.4. source: our number; ton and npi: 3.4 §5.2.5 and §5.2.6; country: put before
    numbers when ton is 1; receipts: ask for delivery receipts;
    enquire_s: pause between enquire_link (3.4 §7.2); most_parts: longer texts are cut to so many parts."""

    host: Text
    port: Port = 2775
    system_id: Annotated[str, msgspec.Meta(max_length=15)]
    secret: str = ""
    system_type: Annotated[str, msgspec.Meta(max_length=12)] = ""
    source: Annotated[str, msgspec.Meta(max_length=20)]
    source_ton: Octet = 0
    source_npi: Octet = 1
    ton: Octet = 1
    npi: Octet = 1
    country: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,4}$")] = "86"
    service_type: Annotated[str, msgspec.Meta(max_length=5)] = ""
    receipts: bool = True
    enquire_s: Seconds = 15.0
    most_parts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    tls: bool = False


class Http(Settings, frozen=True, kw_only=True):
    """A gateway spoken to by HTTP. body: JSON whose texts may hold {address}, {text}, {text_en}, {reference},
    {number}, {colour}, {headline}, {area}, {role}, {callback}; form "json", "form" (fields) or "query". headers: may
    hold {secret}. taken: path to the gateway's id in the answer ("data.id"); ok: path and value that mean success
    ("code" = "0"; empty: any 2xx). key_header: where our reference goes so that a repeat is known. sign: name of the
    secret the body is signed with (HMAC-SHA256 of "time.body" in X-Anlan-Signature); callback_secret: name of the
    secret that signs what the gateway sends us; callback: our address it is told; callback_fields: where reference,
    state, detail, address, words and key stand in what it sends (default: under those names); delivered_values,
    failed_values: its words for the two ends.
    """

    url: Url
    method: Literal["POST", "PUT", "GET"] = "POST"
    form: Literal["json", "form", "query"] = "json"
    body: dict[str, Any] = {}
    headers: dict[str, str] = {}
    secret: str = ""
    sign: str = ""
    key_header: str = "Idempotency-Key"
    taken: str = ""
    ok: str = ""
    ok_value: str = ""
    ca: str = ""
    callback: str = ""
    callback_secret: str = ""
    callback_fields: dict[str, str] = {}
    delivered_values: tuple[str, ...] = ("delivered", "DELIVRD")
    failed_values: tuple[str, ...] = ("failed", "UNDELIV", "REJECTD", "EXPIRED", "DELETED")


class Voice(Http, frozen=True, kw_only=True):
    """A voice gateway: {text} is what it reads aloud. repeat: how often; keys: which key is which answer."""

    repeat: Annotated[int, msgspec.Meta(ge=1, le=9)] = 2
    keys: dict[str, str] = msgspec.field(default_factory=lambda: dict(CODES))


class Smtp(Settings, frozen=True, kw_only=True):
    """E-mail by SMTP. sender: From; user with secret; security: plain, starttls or tls."""

    host: Text
    port: Port = 587
    sender: Text
    reply_to: str = ""
    user: str = ""
    secret: str = ""
    security: Literal["plain", "starttls", "tls"] = "starttls"
    ca: str = ""


class Robot(Settings, frozen=True, kw_only=True):
    """A group robot. url: its address without the key; key: name of the secret that holds WeCom's key or the others'
    access token; sign: name of the signing secret (DingTalk, Feishu); mention_all: call everybody in the group."""

    url: Url
    key: str = ""
    sign: str = ""
    mention_all: bool = True
    ca: str = ""


class WebPush(Settings, frozen=True, kw_only=True):
    """Web push (RFC 8030, 8291, 8292). secret: name of the secret that holds the VAPID private key, 32 octets in
    base64url; empty: the node makes one and keeps it in its folder of keys; subject: mailto: or https: of who
    answers for it; ttl_s: how long a push service may keep it.
    hosts: push services that may be spoken to, by the end of their name; empty: any."""

    secret: str = ""
    subject: Text
    ttl_s: Annotated[int, msgspec.Meta(ge=0, le=2_419_200)] = 3_600
    hosts: list[str] = []
    ca: str = ""


class Mqtt(Settings, frozen=True, kw_only=True):
    """Village loudspeakers. topic: may hold {division}, and is published to once for each division of the area (else
    once); repeat: how often it is read; volume 0-100; qos 1 or 2."""

    host: Text
    port: Port = 1883
    topic: Text = "anlan/loudspeaker/{division}"
    user: str = ""
    secret: str = ""
    client: str = ""
    tls: bool = False
    ca: str = ""
    qos: Literal[1, 2] = 1
    repeat: Annotated[int, msgspec.Meta(ge=1, le=99)] = 3
    volume: Annotated[int, msgspec.Meta(ge=0, le=100)] = 100


class BroadcastFile(Settings, frozen=True, kw_only=True):
    """Emergency broadcast message files in the manner of QX/T 433-2018, put into a folder the broadcast platform
    fetches from. sender: our code there; receivers: codes of the platforms it is for."""

    folder: Text
    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    receivers: list[str] = []
    repeat: Annotated[int, msgspec.Meta(ge=1, le=99)] = 3


class CallList(Settings, frozen=True, kw_only=True):
    """A printed list of whom to call. folder: empty means call-lists in the node's home."""

    folder: str = ""


class Loopback(Settings, frozen=True, kw_only=True):
    """Takes everything and tells it is there; nothing leaves the house. For measuring and trying out."""


KINDS: dict[str, type[Settings]] = {
    "smpp": Smpp, "http_sms": Http, "voice": Voice, "smtp": Smtp, "wecom": Robot, "dingtalk": Robot, "feishu": Robot,
    "web_push": WebPush, "mqtt": Mqtt, "broadcast_file": BroadcastFile, "webhook": Http, "call_list": CallList,
    "loopback": Loopback,
}  # fmt: skip


def settings_of(kind: str, raw: dict[str, Any]) -> Settings:
    """Return the typed settings. Raises Invalid naming what is wrong."""
    found = KINDS.get(kind)
    if found is None:
        raise Invalid(
            code="channel.kind",
            zh=f"没有“{kind}”这种网关；可用：{'、'.join(KINDS)}。",
            en=f"There is no gateway of kind {kind}; there are {', '.join(KINDS)}.",
            field="kind",
            value=kind,
        )
    try:
        return msgspec.convert(raw, found)
    except msgspec.ValidationError as error:
        raise Invalid(
            code="channel.settings",
            zh=f"渠道设置有误：{error}；请按说明修改。",
            en=f"The channel's settings are wrong: {error}; mend them as documented.",
            field="settings",
            value=kind,
        ) from error
