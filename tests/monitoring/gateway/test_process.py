"""The process itself: killed at random moments, what it confirmed is in the log; told to stop, it finishes first."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from anlan.kernel.models import Account
from anlan.kernel.tokens import token_make
from tests.monitoring.gateway.running import BY, free_port, logged, registered, station, until
from tests.own_database import address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


class Process:
    """`python -m anlan.site.gateway` on the test's database."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        own = {
            "ANLAN_HOME": str(home), "ANLAN_GATEWAY_PORT": str(self.port), "ANLAN_ROLE": "gateway",
            "ANLAN_DATABASE_URL": address(),
        }  # fmt: skip
        self._environment = {**os.environ, **own, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "anlan.site.gateway"], env=self._environment, cwd="/")

    def well(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()


def batch(number: int) -> bytes:
    rows = [
        ["57083", "rain_mm", f"2026-11-{1 + number // 1440:02d}T{number // 60 % 24:02d}:{number % 60:02d}:{s:02d}Z", s]
        for s in range(30)
    ]
    return json.dumps({"columns": ["station", "element", "at", "value"], "rows": rows}).encode()


def send(port: int, secret: str, numbers: list[int], confirmed: set[int]) -> None:
    """Send each batch until it is confirmed, as a device with a spool does."""
    for number in numbers:
        while True:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                line.request(
                    "POST",
                    "/v1/readings",
                    batch(number),
                    {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
                )
                if line.getresponse().status == 200:
                    confirmed.add(number)
                    break
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            finally:
                line.close()


def test_what_was_confirmed_survives_kill_9(tmp_path: Path) -> None:
    registered(station("57083", "rain_mm"))
    account = Account.objects.create_user("gw", name="网关", divisions=["4101"], roles=["gateway"])
    secret = token_make(
        by=BY, account=account, name="k", divisions=["4101"], rights=["monitoring.write"], rate_per_min=60_000
    )[1]
    gateway, confirmed = Process(tmp_path), set[int]()
    until(gateway.well, "the gateway", 60)
    senders = [
        threading.Thread(target=send, args=(gateway.port, secret, list(range(part, 1200, 6)), confirmed), daemon=True)
        for part in range(6)
    ]
    for sender in senders:
        sender.start()
    dice = random.Random(4)
    for _ in range(3):
        before = len(confirmed)
        until(lambda: len(confirmed) > before + 20, "progress", 60)  # noqa: B023
        time.sleep(dice.random() * 0.3)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.process.wait()
        known = set(confirmed)
        stored = {(row[2], row[3]) for row in logged()}
        assert {key for number in known for key in keys(number)} <= stored
        gateway.start()
    for sender in senders:
        sender.join(120)
    assert len(confirmed) == 1200
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(20) == 0
    assert {(row[2], row[3]) for row in logged()} == {key for number in range(1200) for key in keys(number)}


def keys(number: int) -> list[tuple[int, float]]:
    first = 1_793_491_200_000_000 + number * 60_000_000  # 2026-11-01
    return [(first + s * 1_000_000, float(s)) for s in range(30)]
