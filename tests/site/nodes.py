"""A whole node under test: its own home, its own ports, started and stopped by the command line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from anlan.site.postgres_account import die_with_parent
from tests.laid import laid_home

ROOT = Path(__file__).resolve().parents[2]
PORT = 18000 + 1000 * int(os.environ.get("ANLAN_TEST_LINE", "0"))  # what runs beside us looks elsewhere
PATIENCE_S = 300.0  # a first start makes all tables: on a busy machine that takes its minutes


class Node:
    """`anlan` on one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ANLAN_")}
        own = {
            "ANLAN_HOME": str(home),
            "ANLAN_WEB_PORT": str(PORT),
            "ANLAN_LIVE_PORT": str(PORT + 200),
            "LANG": "C.UTF-8",
        }
        self.environment = {**kept, **own, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process: subprocess.Popen[bytes] | None = None

    def laid(self) -> Node:
        """Take over a home that was made once: this one's first start is none, and takes a moment."""
        laid_home(self.home)
        return self

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        command = [sys.executable, "-m", "anlan.site.cli", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd="/")

    def up(self, seconds: float = PATIENCE_S) -> Node:
        """Start serving and wait until all is well."""
        with (self.home.parent / "up.log").open("ab") as log:
            command = [sys.executable, "-m", "anlan.site.cli", "up"]
            words = die_with_parent(command, signal.SIGINT)  # a run that is killed leaves no node behind
            self.process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, cwd="/")
        try:
            self.wait_well(seconds)
        except BaseException:
            self.stop()
            raise
        return self

    def wait_well(self, seconds: float = PATIENCE_S) -> None:
        """Wait until every process is there and both servers answer that their database answers."""
        end = time.monotonic() + seconds
        while not self.well():
            assert time.monotonic() < end, (self.home.parent / "up.log").read_text()[-3000:]
            time.sleep(0.05)

    def well(self) -> bool:
        """Is everything up?"""
        run = self.state()
        return (
            run is not None
            and all(s["pid"] and Path(f"/proc/{s['pid']}").exists() for s in run["services"].values())
            and (self.home / "worker.beat").exists()
            and all(self._answers(run[port]) for port in ("web_port", "live_port"))
        )

    def state(self) -> dict[str, Any] | None:
        """Return run.json."""
        with contextlib.suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads((self.home / "run.json").read_text())
            return found
        return None

    def kill(self, service: str) -> int:
        """kill -9 one service; return the process id it had."""
        run = self.state()
        assert run is not None
        pid: int = run["services"][service]["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop; return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def _answers(self, port: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False
