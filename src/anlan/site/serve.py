"""`anlan up`: one node from nothing to serving, and in order back to nothing.

database → roles → backup if the version changed → migrate → check → log → web, live, worker → serve → stop in reverse.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from anlan import __version__
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict
from anlan.site import database, schema_ready
from anlan.site.postgres import Server
from anlan.site.processes import MARK, STOP_ORDER, Node, Opening, Stopped, free_port, own_nats, rotate
from anlan.site.supervisor import Service, Supervisor, sweep_orphans
from anlan.site.words import say

READY_S = 60.0
SERVING = ("web", "live")
Link = Callable[[], str]


def up(opening: Opening | None = None) -> None:
    """Serve until SIGINT or SIGTERM. opening: chooses and fills another database of the server first (a drill's)."""
    home = options.home_path
    with ExitStack() as stack:
        stack.enter_context(_only_one(home))
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        sweep_orphans(f"{MARK}={home}")
        crew = Supervisor()
        crew.install_signals()
        server = None if options.database_url else Server(home)
        if server:
            stack.enter_context(_server_lock(home))
            server.stop()  # one that a killed supervisor or command left: it must be our own child
            stack.callback(crew.stop, [["postgres"]])
            crew.add(Service("postgres", server.start, server.answers, patience=8.0, start_patience=None,
                             stop_signal=signal.SIGINT))  # fmt: skip
            if not crew.wait_ready("postgres", seconds=READY_S):
                _not_up(crew, home)
                return
        try:
            node = Node(home, server, database.prepare(server), *_ports(), nats=own_nats(home))
            node, link = _make_ready(node, opening, crew.stopping)
            _serve(node, crew, link)
        except Stopped:
            say("准备工作已中止", "preparations were broken off")


def _make_ready(node: Node, opening: Opening | None, stopping: threading.Event) -> tuple[Node, Link]:
    """Choose the database, bring its schema up to date; return the node on it and the path of the way in."""
    if schema_ready.state(node.addresses.owner) != "current" and not opening:
        say("准备数据库结构", "making the database schema ready")
    if opening:
        name, link = opening(node, stopping)
        node = replace(node, addresses=node.addresses.to(name))
    else:
        schema_ready.ensure(node.addresses.owner, node.environment("cli"), stopping)
        link = _front_page
    return node, link


def _front_page() -> str:
    return "/"


def _serve(node: Node, crew: Supervisor, link: Link) -> None:
    """Run the services until asked to stop."""
    crew.changed = lambda: write_run(node, crew)
    try:
        _start_log(node, crew)
        services = node.services()
        for service in services:
            if service.name in SERVING:
                crew.add(service)
        ready = crew.wait_ready(*SERVING, seconds=READY_S)  # on two cores a page is there sooner if the others wait
        for service in services:
            if service.name not in SERVING and not crew.stopping.is_set():
                crew.add(service)
        if ready:
            _wait_pages()
            _announce(node, link())
        else:
            _not_up(crew, node.home)
        while not crew.stopping.is_set():
            crew.step(0.5)
            rotate(node.home / "logs")
    finally:
        say("正在停止", "stopping")
        crew.stop(STOP_ORDER)
        if node.nats is not None:
            node.nats.forget()
        (node.home / "run.json").unlink(missing_ok=True)


def _start_log(node: Node, crew: Supervisor) -> None:
    """Start the servers of the log and wait until they confirm a write; when they don't, the rest is served all the
    same, readings wait at their senders, and the servers go on being tried."""
    services = node.log_services()
    for service in services:
        crew.add(service)
    if not crew.wait_ready(*(service.name for service in services), seconds=READY_S):
        _not_up(crew, node.home)


def _only_one(home: Path) -> IO[str]:
    """Refuse a second supervisor on the same home, naming the first."""
    file = (home / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip()
        file.close()
        raise Conflict(
            code="up.running",
            zh=f"安澜已在此目录（{home}）运行，进程号 {pid}；请先停止它，或用 ANLAN_HOME 另选目录。",
            en=f"Anlan is already running on {home}, process {pid}. Stop it first, or choose another ANLAN_HOME.",
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _server_lock(home: Path) -> IO[str]:
    """Take the database for ourselves; commands that use it now are given half a minute to finish."""
    for attempt in range(300):
        lock = database.hold(home, shared=False, wait=False)
        if lock is not None:
            return lock
        if attempt == 0:
            say("等待正在使用数据库的命令结束", "waiting for a command that uses the database")
        time.sleep(0.1)
    raise Conflict(
        code="up.database_busy",
        zh="另有命令正在使用本目录的数据库；请等它结束后再启动。",
        en="Another command is using this home's database; start again when it is done.",
    )


def _ports() -> tuple[int, int, int]:
    """Return the ports of web, live feed and gateway (0 in a drill): the wanted ones or the next free, which is said."""
    web = free_port(options.web_port)
    live = free_port(options.live_port, taken=[web])
    gateway = 0 if options.drill else free_port(options.gateway_port, taken=[web, live])
    for wanted, got in ((options.web_port, web), (options.live_port, live), (options.gateway_port, gateway)):
        if wanted != got and got:
            say(f"端口 {wanted} 被占用，改用 {got}", f"port {wanted} is taken; using {got}")
    return web, live, gateway


def write_run(node: Node, crew: Supervisor) -> None:
    """Write run.json: who runs here, under which process ids and ports."""
    found: dict[str, Any] = {
        "pid": os.getpid(),
        "version": __version__,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "web_port": node.web_port,
        "live_port": node.live_port,
        "gateway_port": node.gateway_port,
        "drill": options.drill,
        "database": node.addresses.name,
        "services": {s.name: {"pid": s.pid, "restarts": s.restarts} for s in crew.services},
    }
    fresh = node.home / f"run.json.{os.getpid()}"
    fresh.write_text(json.dumps(found, indent=1))
    fresh.replace(node.home / "run.json")


def read_run(home: Path) -> dict[str, Any] | None:
    """Return run.json of a supervisor that is alive, or None."""
    with suppress(OSError, ValueError):
        found: dict[str, Any] = json.loads((home / "run.json").read_text())
        os.kill(int(found["pid"]), 0)
        return found
    return None


def _wait_pages() -> None:
    """Wait for the build of the pages that ./anlan started beside us; a failed build is said and served without."""
    pid = os.environ.pop("ANLAN_PAGES_PID", "")
    if pid:
        with suppress(ChildProcessError):
            _, status = os.waitpid(int(pid), 0)
            if status:
                say("页面构建失败，界面可能不完整", "the pages could not be built; the console may be incomplete")


def _announce(node: Node, link: str) -> None:
    address = f"http://{options.host}:{node.web_port}{link}"
    say(f"安澜已就绪：{address}", f"Anlan is ready: {address}")
    print(address, flush=True)  # noqa: T201 - the one line a script may want
    say("按 Ctrl-C 停止", "press Ctrl-C to stop")


def _not_up(crew: Supervisor, home: Path) -> None:
    """Say which process does not come up and show the end of its log; it goes on being tried."""
    silent = next((s.name for s in crew.services if not s.ready.is_set()), "")
    if crew.stopping.is_set() or not silent:
        return
    log = home / "logs" / f"{silent}.log"
    end = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:]) if log.exists() else ""
    zh, en = f"{silent} 未能启动；日志 {log} 末尾：\n{end}", f"{silent} does not come up; the end of {log}:\n{end}"
    print(f"{zh}\n{en}", file=sys.stderr, flush=True)  # noqa: T201
