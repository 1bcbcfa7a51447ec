"""Real NATS servers on free ports, for tests: started, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from anlan.monitoring.sources.jetstream_link import Link
from anlan.monitoring.sources.log_jetstream import JetStreamLog, Settings
from anlan.site.nats import Nats, NatsServer, program
from anlan.site.postgres_account import die_with_parent

MOST_BYTES = 1 << 30


class Nodes:
    """One server, or three that keep copies of each other's messages, on one home folder."""

    def __init__(self, home: Path, count: int = 1, jetstream: Mapping[str, str] | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.nats = Nats(home, ports(3 * count), MOST_BYTES)
        self.nats.configure(jetstream)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Nodes:
        for server in self.nats.servers:
            self.start(server)
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.kill(name)

    def start(self, server: NatsServer) -> None:
        with (server.folder.parent / f"{server.name}.log").open("ab") as log:
            words = die_with_parent(server.command(program()), signal.SIGKILL)
            self.running[server.name] = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def again(self, name: str) -> None:
        self.start(next(server for server in self.nats.servers if server.name == name))

    def wait(self, seconds: float = 120.0) -> None:
        """Wait until writing through each server is confirmed."""
        end = time.monotonic() + seconds
        for server in self.nats.servers:
            while not self.nats.healthy(server):
                assert time.monotonic() < end, f"{server.name} takes no writes"
                time.sleep(0.05)

    def settings(self, prefix: str = "read", most_bytes: int = MOST_BYTES // 4) -> Settings:
        monitors = tuple(server.monitor_url for server in self.nats.servers)
        return Settings(tuple(self.nats.urls), monitors, len(self.nats.servers), most_bytes, prefix)

    def log(self, prefix: str = "read", most_bytes: int = MOST_BYTES // 4) -> JetStreamLog:
        return JetStreamLog(self.settings(prefix, most_bytes))

    def leader(self, stream: str) -> str:
        """Return the name of the server that leads the stream now; '' while none does."""
        link = Link(self.nats.urls)

        async def ask() -> str:
            info = await (await link.jetstream()).stream_info(stream)
            return info.cluster.leader or "" if info.cluster else ""

        try:
            return link.run(ask(), 5.0)
        except Exception:  # nobody leads, or the server asked is just being killed
            return ""
        finally:
            link.close()


def ports(count: int) -> tuple[int, ...]:
    """Return ports nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = tuple(probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    return found
