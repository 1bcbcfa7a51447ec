"""Whether the servers of a JetStream keep what they confirm: asked of each, through its monitoring address.

`sync_interval: always` shows as `jetstream.config.sync_always = true` in /varz (`sync_interval` itself goes on telling
120 s then, so it says nothing). A server that can't be asked counts as one that loses data, unless it was asked before:
in a cluster one of three may be down, and that must not stop the others.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable

OLDEST = (2, 11)
ASK_S = 3.0
REMEMBERED_S = 30 * 86_400.0
ANSWER_BYTES = 1_000_000
OWN = "nats/servers.json"


class Told(NamedTuple):
    """What one server tells of itself. jetstream: it is switched on; sync_always: synced before each confirmation."""

    name: str
    address: str
    version: str
    jetstream: bool
    sync_always: bool


class NotDurable(Unavailable):
    """A JetStream that may lose what it confirmed; the words say which server, why, and the remedy."""

    def __init__(self, code: str, zh: str, en: str, *, field: str, value: object) -> None:
        super().__init__(code=f"log.{code}", zh=zh, en=en, field=field, value=value)


def ask(address: str) -> Told:
    """Ask one server. address: of its monitoring, e.g. http://127.0.0.1:8222. OSError or ValueError if it won't tell."""
    if not address.startswith(("http://", "https://")):
        raise ValueError(address)
    with urllib.request.urlopen(f"{address.rstrip('/')}/varz", timeout=ASK_S) as answer:  # noqa: S310 - http only
        told: Any = json.loads(answer.read(ANSWER_BYTES))
    if not isinstance(told, dict):
        raise ValueError(address)
    config = (told.get("jetstream") or {}).get("config") or {}
    name, version = str(told.get("server_name", "")), str(told.get("version", ""))
    return Told(name, address, version, bool(config), config.get("sync_always") is True)


def refuse(told: Told) -> None:
    """Raise NotDurable when this server is too old, has no JetStream, or confirms before it has synced."""
    if not told.jetstream:
        raise NotDurable(
            "no_jetstream",
            f"NATS 服务器 {told.name}（{told.address}）未启用 JetStream；请在其配置中加入 jetstream 一节。",
            f"The NATS server {told.name} ({told.address}) has no JetStream; add a jetstream section to its configuration.",
            field="nats_url",
            value=told.address,
        )
    if _version(told.version) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise NotDurable(
            "nats_old",
            f"NATS 服务器 {told.name} 的版本 {told.version} 过旧（已知会丢数据）；请升级到 {wanted} 或更新版本。",
            f"The NATS server {told.name} is {told.version}, known to lose data; upgrade it to {wanted} or newer.",
            field="version",
            value=told.version,
        )
    if not told.sync_always:
        raise NotDurable(
            "not_durable",
            f"NATS 服务器 {told.name}（{told.address}）确认后才落盘，断电会丢失已确认的读数；"
            "请在其 jetstream 配置中设 sync_interval: always 并重启。",
            f"The NATS server {told.name} ({told.address}) confirms before it has synced and would lose confirmed readings"
            " on a power cut. Set sync_interval: always in its jetstream section and restart it.",
            field="sync_interval",
            value=told.address,
        )


def verify(addresses: Sequence[str]) -> set[str]:
    """Ask every server, refuse if one may lose data, and return the names of those known to keep it.

    Servers that don't answer now are known if they were found durable in the last 30 days. If none answers: refused.
    """
    known = _remembered()
    heard: list[Told] = []
    for address in addresses:
        with suppress(OSError, ValueError):
            told = ask(address)
            refuse(told)
            heard.append(told)
    if not heard:
        shown = ", ".join(addresses) or "nats_monitor"
        raise NotDurable(
            "not_asked",
            f"无法查询 NATS 是否先落盘后确认（{shown}）；请启动服务器，在其配置中设 http 监控地址，并写入选项 nats_monitor。",
            f"NATS can't be asked whether it syncs before it confirms ({shown}). Start the servers, give each a monitoring"
            " address (http: …) in its configuration, and name them in the option nats_monitor.",
            field="nats_monitor",
            value=shown,
        )
    names = {told.name for told in heard}
    _remember(known | dict.fromkeys(names, clock.now().timestamp()))
    return names | set(known)


def cover(stream: str, peers: Iterable[str], verified: set[str]) -> None:
    """Refuse a stream that lies on a server which was not found durable."""
    unknown = sorted(set(peers) - verified)
    if unknown:
        shown = ", ".join(unknown)
        raise NotDurable(
            "not_asked",
            f"流 {stream} 还存放在未经查询的服务器上：{shown}；请把它们的监控地址也写入选项 nats_monitor。",
            f"The stream {stream} also lies on servers that were not asked: {shown}. Name their monitoring addresses in the"
            " option nats_monitor too.",
            field="nats_monitor",
            value=shown,
        )


def own(home: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses of the servers `anlan up` runs for this home, and those of their monitoring; both empty
    when it runs none.
    """
    with suppress(OSError, ValueError, KeyError):
        told = json.loads((home / OWN).read_text())
        return tuple(map(str, told["urls"])), tuple(map(str, told["monitors"]))
    return (), ()


def _version(text: str) -> tuple[int, ...]:
    parts = text.partition("-")[0].split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else (0,)


def _memory() -> Path:
    return options.home_path / "nats.verified.json"


def _remembered() -> dict[str, float]:
    """Return which servers were found durable, and when (seconds since 1970)."""
    with suppress(OSError, ValueError):
        found = json.loads(_memory().read_text())
        return {
            str(name): float(at) for name, at in found.items() if clock.now().timestamp() - float(at) < REMEMBERED_S
        }
    return {}


def _remember(names: dict[str, float]) -> None:
    with suppress(OSError):  # a home that can't be written costs only the memory
        fresh = _memory().with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(names))
        fresh.replace(_memory())
