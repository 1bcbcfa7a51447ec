"""Keeps processes running: starts, watches, restarts with back-off, stops in order. Knows nothing of what they do.

One thread, woken by signals. Each service leads a session of its own, so that Ctrl-C reaches only the supervisor and
a dead leader's children are swept away with it. If the supervisor itself is killed the kernel tells each leader.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()
FIRST_PAUSE_S, LONGEST_PAUSE_S, HEALTHY_S = 0.2, 10.0, 30.0
PROBE_EVERY_S, PROBES_MISSED = 5.0, 4
START_S = 300.0


@dataclass
class Service:
    """One process to keep running.

    start: makes the process. answers: tells whether it responds (asked in a thread of its own, may take seconds).
    patience: seconds it gets to stop by itself. start_patience: seconds until it must have answered first, else it is
    started anew; None for what may have to recover what it holds, however long that takes. stop_signal: how it is asked
    to stop. needs: name of a service that must answer before this one is (re)started.
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    answers: Callable[[], bool]
    patience: float = 3.0
    start_patience: float | None = START_S
    stop_signal: signal.Signals = signal.SIGTERM
    needs: str = ""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_S
    due: float = 0.0
    restarts: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    missed: int = 0

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self.process.pid if self.process is not None else None


class Supervisor:
    """Starts services and keeps them running until stopped. `changed` is called after every start."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self.services: list[Service] = []
        self.changed = changed
        self.stopping = threading.Event()
        self._wake = threading.Event()

    def __getitem__(self, name: str) -> Service:
        return next(service for service in self.services if service.name == name)

    def install_signals(self) -> None:
        """Let SIGINT and SIGTERM stop us, and a child's death wake us at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        signal.signal(signal.SIGCHLD, lambda *_: self._wake.set())

    def _asked(self, *_: object) -> None:
        self.stopping.set()
        self._wake.set()

    def add(self, service: Service) -> None:
        """Take a service in, start it and begin to probe it."""
        self.services.append(service)
        self._start(service)
        threading.Thread(target=self._probe, args=(service,), name=service.name, daemon=True).start()

    def wait_ready(self, *names: str, seconds: float) -> bool:
        """Wait until the named services answer; keeps restarting meanwhile. False when time is up or we are stopped."""
        end = time.monotonic() + seconds
        while not all(self[name].ready.is_set() for name in names):
            if self.stopping.is_set() or time.monotonic() > end:
                return False
            self.step(0.05)
        return True

    def run(self) -> None:
        """Keep everything running until a signal asks to stop."""
        while not self.stopping.is_set():
            self.step(0.5)

    def step(self, wait: float) -> None:
        """Look once after every service, after at most `wait` seconds of sleep."""
        self._wake.wait(wait)
        self._wake.clear()
        now = time.monotonic()
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self._bury(service, now)
            elif service.process is not None and service.missed >= PROBES_MISSED:
                log.warning("service.silent", service=service.name, pid=service.pid)
                self._kill_group(service)
            elif self._stuck(service, now):
                log.warning("service.never_answered", service=service.name, pid=service.pid)
                self._kill_group(service)
            if (
                service.process is None
                and now >= service.due
                and not self.stopping.is_set()
                and self._can_start(service)
            ):
                self._start(service)

    def _stuck(self, service: Service, now: float) -> bool:
        most = service.start_patience
        running = service.process is not None and not service.ready.is_set()
        return running and most is not None and now > service.started + most

    def _can_start(self, service: Service) -> bool:
        return not service.needs or self[service.needs].ready.is_set()

    def _start(self, service: Service) -> None:
        try:
            service.process = service.start()
        except Exception as failure:  # a disk that is full for a minute must not end the supervisor
            log.error("service.start_failed", service=service.name, error=str(failure))
            self._back_off(service, time.monotonic())
            return
        service.started, service.missed = time.monotonic(), 0
        self.changed()

    def _bury(self, service: Service, now: float) -> None:
        """Note a death, sweep what it left behind and set the time of the next start."""
        code = service.process.returncode if service.process else 0
        self._kill_group(service)
        service.process = None
        service.ready.clear()
        if now - service.started > HEALTHY_S:
            service.pause = FIRST_PAUSE_S
        service.restarts += 1
        log.warning("service.died", service=service.name, code=code, restart_in_s=service.pause)
        self._back_off(service, now)

    def _back_off(self, service: Service, now: float) -> None:
        service.due = now + service.pause
        service.pause = min(service.pause * 2, LONGEST_PAUSE_S)

    def _probe(self, service: Service) -> None:
        """Ask whether the service answers: often until it first does, then now and then."""
        while not self.stopping.is_set():
            process = service.process
            well = process is not None and service.answers()
            if process is service.process and process is not None:
                if well:
                    service.missed = 0
                    service.ready.set()
                elif service.ready.is_set():
                    service.missed += 1
            self.stopping.wait(PROBE_EVERY_S if service.ready.is_set() else 0.05)

    def stop(self, order: Sequence[Sequence[str]]) -> None:
        """Stop group after group; the members of a group go together. Names that were never added are passed over."""
        self.stopping.set()
        for group in order:
            services = [service for service in self.services if service.name in group]
            for service in services:
                self._ask(service)
            for service in services:
                self._await(service)

    def _ask(self, service: Service) -> None:
        if service.process is not None and service.process.poll() is None:
            with suppress(ProcessLookupError):
                service.process.send_signal(service.stop_signal)

    def _await(self, service: Service) -> None:
        if service.process is None:
            return
        try:
            service.process.wait(service.patience)
        except subprocess.TimeoutExpired:
            log.warning("service.stop_forced", service=service.name)
        self._kill_group(service)
        service.process.wait()
        service.process = None

    def _kill_group(self, service: Service) -> None:
        if service.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(service.process.pid, signal.SIGKILL)


def sweep_orphans(mark: str) -> None:
    """Kill what a killed supervisor left behind: processes whose environment carries our mark `NAME=value`."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
