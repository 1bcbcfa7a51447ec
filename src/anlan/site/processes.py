"""The processes of one node and how each is started, asked for a sign of life, and logged."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site.database import Addresses
from anlan.site.nats import GIB, Nats, NatsServer, program
from anlan.site.postgres import Server
from anlan.site.postgres_account import die_with_parent
from anlan.site.supervisor import Service

MARK = "ANLAN_SUPERVISED"
LOG_BYTES, LOGS_KEPT = 10_000_000, 3
BEAT_S = 60.0
STOP_ORDER = (("web", "live", "gateway"), ("worker", "shards", "senders"), ("nats1", "nats2", "nats3"))


@dataclass(frozen=True)
class Node:
    """What one running node is made of. server: None when the database is somebody else's. gateway_port: 0 in a drill,
    whose readings the scenario makes. nats: None when the log is in the database or on somebody else's servers."""

    home: Path
    server: Server | None
    addresses: Addresses
    web_port: int
    live_port: int
    gateway_port: int = 0
    nats: Nats | None = None

    def environment(self, role: str) -> dict[str, str]:
        """Return the environment of a process with this role."""
        own = {
            "ANLAN_HOME": str(self.home),
            "ANLAN_WEB_PORT": str(self.web_port),
            "ANLAN_LIVE_PORT": str(self.live_port),
            "ANLAN_GATEWAY_PORT": str(self.gateway_port or options.gateway_port),
            "ANLAN_DRILL": "1" if options.drill else "0",
            MARK: str(self.home),
        }
        return {**os.environ, **own, **self.addresses.environment(role)}

    def services(self) -> list[Service]:
        """Return the node's services, in the order they are started."""
        python, port, live = sys.executable, self.web_port, self.live_port
        web = [python, "-m", "granian", "--interface", "wsgi", "--host", options.host, "--port", str(port)]
        web += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
        feed = [python, "-m", "uvicorn", "--host", options.host, "--port", str(live), "--log-level", "warning"]
        feed += ["--no-access-log", "--timeout-graceful-shutdown", "1", "anlan.site.live:app"]
        work = [python, "-m", "anlan.site.worker"]
        take = [python, "-m", "anlan.site.gateway"]
        return [
            Service("web", self._starter("web", [*web, "anlan.site.wsgi:application"]), lambda: responds(port)),
            Service("live", self._starter("live", feed), lambda: responds(live)),
            *(
                [Service("gateway", self._starter("gateway", take), self._takes_in, patience=9.0)]
                * bool(self.gateway_port)
            ),
            Service("worker", self._starter("worker", work), _beats(self.home / "worker.beat"), patience=4.0),
            *([] if options.drill else [self._judging(), self._sending()]),
        ]

    def _judging(self) -> Service:
        """The worker of the shards; a drill's driver judges as it plays."""
        words = [sys.executable, "-m", "anlan.site.shards"]
        return Service("shards", self._starter("shards", words), _beats(self.home / "shards.beat"), patience=9.0)

    def _sending(self) -> Service:
        """What sends calls and warnings to the outside; a drill has none, for nothing of it may leave the house."""
        words = [sys.executable, "-m", "anlan.site.senders"]
        return Service("senders", self._starter("senders", words), _beats(self.home / "senders.beat"), patience=9.0)

    def log_services(self) -> list[Service]:
        """Return our own servers of the log, which have to be there before anything else; none when it has none."""
        if self.nats is None:
            return []
        self.nats.configure()
        return [self._log_service(n, self.nats, server) for n, server in enumerate(self.nats.servers, 1)]

    def _log_service(self, number: int, nats: Nats, server: NatsServer) -> Service:
        name, run = f"nats{number}", program()
        known = {"PATH": os.environ.get("PATH", ""), MARK: str(self.home)}

        def start() -> subprocess.Popen[bytes]:
            return spawn(server.command(run), known, self.home / "logs" / f"{name}.log")

        return Service(name, start, lambda: nats.healthy(server), patience=8.0, start_patience=None)

    def _takes_in(self) -> bool:
        """Does the gateway's event loop turn, and its port answer?"""
        return _beats(self.home / "gateway.beat")() and responds(self.gateway_port, options.gateway_host)

    def _starter(self, role: str, words: Sequence[str]) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            (self.home / f"{role}.beat").unlink(missing_ok=True)
            return spawn(words, self.environment(role), self.home / "logs" / f"{role}.log")

        return start


Opening = Callable[[Node, threading.Event], tuple[str, Callable[[], str]]]
"""Chooses a database of the node's server and fills it; gives its name, and a function that gives the path to print."""


def spawn(words: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that dies with us, in a session of its own, writing to the end of `log`."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            die_with_parent(words), env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, cwd="/",
        )  # fmt: skip


class Stopped(Exception):
    """We were asked to stop while something was being made ready."""


def run_beside(words: Sequence[str], environment: Mapping[str, str], stopping: threading.Event) -> tuple[int, str]:
    """Run a process to its end and return its exit code and output; end it and raise Stopped when asked to stop."""
    process = subprocess.Popen(
        die_with_parent(words), env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    while True:
        with suppress(subprocess.TimeoutExpired):
            said, _ = process.communicate(timeout=0.05)  # it reads meanwhile: who says much doesn't wait for us
            return process.returncode, said
        if stopping.is_set():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Stopped


def responds(port: int, host: str = "") -> bool:
    """Tell whether a server answers at all on this port; what it answers is not asked (its database may be away)."""
    host = host or options.host
    host = host if host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    try:
        urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=8).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _beats(beat: Path) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return time() - beat.stat().st_mtime < BEAT_S
        except OSError:
            return False

    return answers


def own_nats(home: Path) -> Nats | None:
    """Return the NATS servers we run for the log, by the options; None when it needs none or names others."""
    if options.log != "jetstream" or options.nats_url or options.drill:
        return None
    ports: list[int] = []
    for _ in range(3 * options.nats_replicas):
        ports.append(free_port(options.nats_port, taken=ports))
    return Nats(home, tuple(ports), options.nats_stream_gb * GIB)


def free_port(wanted: int, taken: Sequence[int] = ()) -> int:
    """Return `wanted`, or the next port nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.host, port))
            except OSError:
                continue
            if port not in taken:
                return port
    raise Unavailable(
        code="port.none",
        zh=f"端口 {wanted} 至 {wanted + 99} 均被占用；请在 anlan.toml 中另设端口。",
        en=f"Every port from {wanted} to {wanted + 99} is taken; set another in anlan.toml.",
    )


def rotate(folder: Path) -> None:
    """Keep each log under LOG_BYTES: copy it aside and cut it. Writers append, so they go on at the new end."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            for number in range(LOGS_KEPT - 1, 0, -1):
                older = log.with_name(f"{log.name}.{number}")
                if older.exists():
                    older.replace(log.with_name(f"{log.name}.{number + 1}"))
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
