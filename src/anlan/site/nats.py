"""Our own NATS servers: one, or three that keep a copy each; configured so that what is confirmed is on disk.

They listen on this machine only, ask for a password, and keep their store in the home folder. The program comes from
the pinned wheel of the extra `mesh`, or is named by option `nats_server`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Unavailable
from anlan.monitoring.sources import jetstream_servers
from anlan.site.postgres import secret

USER = "anlan"
HOST = "127.0.0.1"
GIB = 1 << 30
SHAPES = {1: "alone", 3: "cluster"}

CONFIG = """\
server_name: "{name}"
listen: {host}:{port}
http: {host}:{monitor}
max_payload: 2MB
authorization {{ user: {user}, password: "{password}" }}
jetstream {{
  store_dir: "{store}"
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: {disk}
}}
"""
CLUSTER = """\
cluster {{
  name: "{name}"
  listen: {host}:{port}
  authorization {{ user: {user}, password: "{password}" }}
  routes: [ {routes} ]
}}
"""


@dataclass(frozen=True)
class NatsServer:
    """One server: its name, its three ports and its folder."""

    name: str
    port: int
    monitor: int
    route: int
    folder: Path

    @property
    def monitor_url(self) -> str:
        """Where its monitoring answers."""
        return f"http://{HOST}:{self.monitor}"

    def command(self, program: Path) -> list[str]:
        """Return the command line that runs it."""
        return [str(program), "-c", str(self.folder.with_suffix(".conf"))]


@dataclass(frozen=True)
class Nats:
    """All servers of one home. ports: three for each server (clients, monitoring, routes). Makes nothing until asked."""

    home: Path
    ports: tuple[int, ...]
    most_bytes: int = 10 * GIB

    @property
    def shape(self) -> str:
        """Folder of the store: one server's store can't be taken over by three, or the other way round."""
        return SHAPES[len(self.ports) // 3]

    @cached_property
    def servers(self) -> list[NatsServer]:
        """The servers; their names are unique and stay the same."""
        folder = self.home / "nats" / self.shape
        places = [self.ports[at : at + 3] for at in range(0, len(self.ports), 3)]
        return [NatsServer(f"{self.name}-{n}", p[0], p[1], p[2], folder / f"n{n}") for n, p in enumerate(places, 1)]

    @cached_property
    def name(self) -> str:
        """Name of the cluster, told from that of any other home."""
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:8]
        return f"anlan-{options.node}-{mark}"

    @property
    def urls(self) -> list[str]:
        """Addresses for clients, with the password."""
        return [f"nats://{USER}:{secret(self.home, 'nats')}@{HOST}:{s.port}" for s in self.servers]

    def configure(self, jetstream: Mapping[str, str] | None = None) -> None:
        """Write the configurations, and where the servers are. jetstream: other values of that section, by name (tests)."""
        self._same_shape()
        folder = self.home / "nats" / self.shape
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for server in self.servers:
            text = self._config(server)
            for name, value in (jetstream or {}).items():
                text = "\n".join(f"  {name}: {value}" if f"  {name}:" in line else line for line in text.splitlines())
            _write(server.folder.with_suffix(".conf"), text)
        told = {"urls": self.urls, "monitors": [server.monitor_url for server in self.servers]}
        _write(self.home / jetstream_servers.OWN, json.dumps(told))

    def _config(self, server: NatsServer) -> str:
        password = secret(self.home, "nats")
        own = {"host": HOST, "user": USER, "password": password}
        # every stream reserves its bound, so there is room for each shard's and for the small one that is probed with
        disk = self.most_bytes * (max(1, options.monitoring_shards) + 1)
        text = CONFIG.format(
            **own, name=server.name, port=server.port, monitor=server.monitor, store=server.folder, disk=disk
        )
        if len(self.servers) > 1:
            routes = ", ".join(f'"nats://{USER}:{password}@{HOST}:{other.route}"' for other in self.servers)
            text += CLUSTER.format(**own, name=self.name, port=server.route, routes=routes)
        return text

    def _same_shape(self) -> None:
        """Refuse to begin a second store while another one may still hold readings that were not judged."""
        for shape in SHAPES.values():
            other = self.home / "nats" / shape
            if shape != self.shape and any(other.glob("n*/jetstream")):
                was = 1 if shape == "alone" else 3
                raise Conflict(
                    code="nats.shape",
                    zh=f"{other} 中还有 nats_replicas = {was} 时的读数日志；请先以该值启动，待全部评判后把此目录移走，再改选项。",
                    en=f"{other} holds the log of readings made with nats_replicas = {was}. Start with that value, let all be"
                    " judged, move this folder away, then change the option.",
                    field="nats_replicas",
                    value=len(self.servers),
                )

    def healthy(self, server: NatsServer) -> bool:
        """Tell whether writing through this server is confirmed."""
        from anlan.monitoring.sources.jetstream_probe import writes

        return writes(self.urls[self.servers.index(server)], replicas=len(self.servers))

    def forget(self) -> None:
        """Tell nobody any more where the servers are: they are being stopped."""
        (self.home / jetstream_servers.OWN).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Write a file that holds the password."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


def program() -> Path:
    """Return the NATS server to run: the named one, else that of the wheel in our environment, else one on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = options.nats_server or (str(beside) if beside.exists() else shutil.which("nats-server"))
    if not found or not os.access(found, os.X_OK):
        raise Unavailable(
            code="nats.missing",
            zh="选项 log = jetstream 需要 NATS，但没有 nats-server 程序；请运行 ./anlan mesh，或设置选项 nats_server 或 nats_url。",
            en="log = jetstream needs NATS, but there is no program nats-server. Run ./anlan mesh, or set the option"
            " nats_server or nats_url.",
            field="nats_server",
            value=found or "",
        )
    return Path(found)
