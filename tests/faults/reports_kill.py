"""Thousands of townships report the same disaster in the same minute, while web and worker are killed with kill -9.

pytest tests/faults/test_reports_kill.py runs a small one; `./anlan bench reports` the whole: 2,461 townships. Each sends by
the API, again with its own key until the answer is there. At the end every report is taken once, with its receipt at the
county; every sum up to the province is exact; and whatever contradicted itself was refused with the field named.
"""

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
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

CITIES, COUNTIES = 18, 157
SENDERS = 6
WRONG_EVERY = 50
UP_S = 60.0


@dataclass
class Land:
    """What was laid down: the disaster, the townships that will report, and the key they send with."""

    disaster: str
    townships: list[str]
    secret: str

    def figures(self, number: int) -> dict[str, float]:
        """What township `number` tells."""
        dead = number % 3
        return {"affected": 100 + number % 90, "dead": dead, "missing": number % 2, "relocated": number % 40,
                "collapsed_rooms": number % 7, "crops_hit": (number % 11) / 4, "loss": (number % 500) / 10}  # fmt: skip

    def total(self, prefix: str = "41") -> dict[str, float]:
        """The exact sum over the townships inside `prefix`."""
        found: Counter[str] = Counter()
        for number, code in enumerate(self.townships):
            if code.startswith(prefix):
                found.update({key: round(value * 1000) for key, value in self.figures(number).items()})
        return {key: value / 1000 for key, value in found.items()}


def land_laid(townships: int) -> Land:
    """Lay down a province of that many townships in 18 cities and 157 counties, an account with a key, and a disaster.
    The caller has made the database."""
    from anlan.kernel.actor import Actor
    from anlan.kernel.models import Account
    from anlan.kernel.tokens import token_make
    from anlan.response.services import disaster_open
    from anlan.territory.models import Division

    system, begun = Actor.system("test"), date(2020, 1, 1)
    counties = [f"41{1 + n % CITIES:02}{81 + n // CITIES:02}" for n in range(min(COUNTIES, townships))]
    codes = [f"{counties[n % len(counties)]}{100 + n // len(counties):03}" for n in range(townships)]
    places = [(1, "41", None), *((2, code, code[:2]) for code in sorted({county[:4] for county in counties})),
              *((3, code, code[:4]) for code in sorted(counties)), *((4, code, code[:6]) for code in sorted(codes))]  # fmt: skip
    kinds = {1: "province", 2: "prefecture", 3: "county", 4: "town"}
    Division.objects.bulk_create(
        Division(code=code, name_zh=code, name_en=code, level=level, kind=kinds[level], parent_id=parent,
                 legal_parent_id=parent, valid_from=begun)
        for level, code, parent in places
    )  # fmt: skip
    account = Account.objects.create_user(username="gateway", name="灾情接入", divisions=["41"], roles=["duty"])
    _, secret = token_make(by=system, account=account, name="townships", divisions=["41"], rights=["response.write"],
                           rate_per_min=60_000)  # fmt: skip
    now = datetime.now(UTC)
    row = disaster_open(by=system, division="41", kind="flood", title={"zh": "特大暴雨", "en": "Extreme rain"},
                        happened_at=now - timedelta(hours=1), at=now)  # fmt: skip
    return Land(str(row.pk), codes, secret)


@dataclass
class Outcome:
    """What the run ended with. taken_s: until the last report was confirmed; rolled_s: until the province's sum was exact,
    both from the first request; refused: contradictory reports refused; again: requests sent again after a cut."""

    land: Land
    kills: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    refused: int = 0
    again: int = 0
    taken_s: float = 0.0
    rolled_s: float = 0.0
    fault: str = ""

    def faults(self) -> list[str]:
        """Return what is wrong, in words; nothing when all held."""
        from anlan.response.models import Report, ReportReceipt, ReturnTotal

        land, count = self.land, len(self.land.townships)
        rows = Report.objects.filter(disaster=land.disaster)
        divisions = list(rows.values_list("division", flat=True))
        wrong = [self.fault] if self.fault else []
        if sorted(divisions) != sorted(land.townships):
            wrong.append(f"{count - len(set(divisions))} lost, {len(divisions) - len(set(divisions))} taken twice")
        if ReportReceipt.objects.filter(report__disaster=land.disaster).count() != count:
            wrong.append("not every report has its receipt at the county")
        if self.refused != len(range(0, count, WRONG_EVERY)):
            wrong.append(f"{self.refused} contradictory reports refused")
        for row in ReturnTotal.objects.filter(disaster=land.disaster, below__isnull=False):
            if {key: float(value) for key, value in row.below.items()} != land.total(row.division):
                wrong.append(f"the sum of {row.division} is wrong")
        return wrong


class Node:
    """The web and the worker of a node on the database of ANLAN_DATABASE_URL, each in a group of its own to be killed."""

    def __init__(self, home: Path, database: str, port: int, web: str = "") -> None:
        """`database`: the owner's address; `web`: that of the web's own role, which row-level security binds, if any."""
        self.port, self._home, self._address = port, home, {"worker": database, "web": web or database}
        home.mkdir(parents=True, exist_ok=True)
        self._env = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_WEB_PORT": str(port),
                     "DJANGO_SETTINGS_MODULE": "anlan.site.settings"}  # fmt: skip
        self._log = (home / "node.log").open("ab")
        self._running = {"web": self._start("web"), "worker": self._start("worker")}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        web = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--blocking-threads",
               "4", "--no-ws", "--log-level", "warning", "anlan.site.wsgi:application"]  # fmt: skip
        words = web if name == "web" else ["anlan.site.worker"]
        own = {"ANLAN_ROLE": name, "ANLAN_DATABASE_URL": self._address[name]}
        return subprocess.Popen([sys.executable, "-m", *words], env={**self._env, **own}, stdout=self._log,
                                stderr=self._log, start_new_session=True)  # fmt: skip

    def kill(self, name: str) -> None:
        """kill -9 with all its children, and start it again, as the supervisor does."""
        os.killpg(self._running[name].pid, signal.SIGKILL)
        self._running[name].wait()
        self._running[name] = self._start(name)

    def wait(self) -> None:
        """Until the web answers."""
        end = time.monotonic() + UP_S
        while time.monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/sign-in")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"the web does not answer; see {self._home / 'node.log'}")

    def stop(self) -> None:
        """End both."""
        for process in self._running.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._log.close()


class _Sender(threading.Thread):
    """One program with one connection: takes the next township, sends until the answer is there."""

    def __init__(self, port: int, outcome: Outcome, work: Iterator[int], lock: threading.Lock) -> None:
        super().__init__(daemon=True)
        self._port, self._outcome, self._work, self._lock = port, outcome, work, lock
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def run(self) -> None:
        land = self._outcome.land
        while not self._outcome.fault:
            with self._lock:
                number = next(self._work, None)
            if number is None:
                return
            body = {"division": land.townships[number], "disaster": land.disaster, "kind": "first", "ref": f"t{number}"}
            figures = land.figures(number)
            if number % WRONG_EVERY == 0:
                status, answer = self._send({**body, "figures": {**figures, "dead": figures["affected"] + 1}})
                with self._lock:
                    self._outcome.refused += status == 422 and answer.get("field") == "dead"
            status, answer = self._send({**body, "figures": figures})
            with self._lock:
                self._outcome.confirmed += status == 201
                if status != 201:
                    self._outcome.fault = f"township {number}: {status} {answer}"

    def _send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self._outcome.land.secret}", "Content-Type": "application/json"}
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                self._connection.request("POST", "/api/response/reports", json.dumps(body), headers)
                answer = self._connection.getresponse()
                text = answer.read()
                if answer.status < 500:
                    return answer.status, json.loads(text)
            except (OSError, http.client.HTTPException, ValueError):
                self._connection.close()
            with self._lock:
                self._outcome.again += 1
            time.sleep(0.1)
        return 0, {}


def play(node: Node, land: Land, *, kills: int, seed: int = 7) -> Outcome:
    """Let every township report at once while web and worker are killed `kills` times in turn; wait until the province's
    sum is exact. The node answers before the first request."""
    from anlan.response.models import ReturnTotal

    chance, outcome, lock = random.Random(seed), Outcome(land), threading.Lock()
    node.wait()
    work, began = iter(range(len(land.townships))), time.monotonic()
    senders = [_Sender(node.port, outcome, work, lock) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for number in range(kills):
        share = (number + 1) / (kills + 2)
        while outcome.confirmed < share * len(land.townships) and not outcome.fault:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 0.3))
        name = ("web", "worker")[number % 2]
        node.kill(name)
        outcome.kills[name] += 1
    for sender in senders:
        sender.join(180)
    outcome.taken_s = time.monotonic() - began
    wanted = land.total()
    while time.monotonic() - began < 300:
        row = ReturnTotal.objects.filter(disaster=land.disaster, division="41").first()
        if row is not None and {key: float(value) for key, value in (row.below or {}).items()} == wanted:
            break
        time.sleep(0.05)
    outcome.rolled_s = time.monotonic() - began
    return outcome
