"""A running drill under kill -9: answers keep coming in over HTTP while processes die; then everything is counted."""

from __future__ import annotations

import http.cookiejar
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.site.nodes import Node

SERVICES = ("web", "live", "worker", "postgres")
BACK_S = 90.0
PAUSE_S = (3.0, 8.0)

# Asked of the database itself, as its owner, once the storm is over.
COUNT = """
import json, time
from django.db import connection
from anlan.kernel.journal import seal, verify
from anlan.kernel.models import DrillState
DrillState.objects.update(state="paused")
time.sleep(3)  # the tick under way ends, and what it left is sealed
seal()
with connection.cursor() as c:
    c.execute("SELECT a ->> 'key', count(*) FROM warning_call, jsonb_array_elements(answers) a"
              " WHERE a ->> 'key' LIKE 'storm-%' GROUP BY 1")
    answered = dict(c.fetchall())
    c.execute("SELECT count(*) FROM kernel_entry WHERE kind = 'call.answered' AND data ->> 'channel' = 'api'")
    told = c.fetchone()[0]
    c.execute("SELECT count(*), count(DISTINCT uid) FROM kernel_entry")
    entries, distinct = c.fetchone()
    c.execute("SELECT count(*), coalesce(max(seq), 0), count(DISTINCT entry_id) FROM kernel_seal")
    seals, last, sealed = c.fetchone()
    c.execute("SELECT count(*) FROM kernel_unsealed")
    unsealed = c.fetchone()[0]
    c.execute("SELECT count(*) FROM kernel_parked")
    parked = c.fetchone()[0]
broken = verify()
print("COUNTED " + json.dumps(dict(answered=answered, told=told, entries=entries, distinct=distinct, seals=seals, last=last,
    sealed=sealed, unsealed=unsealed, parked=parked, broken=broken.en if broken else None)))
"""


class Demo(Node):
    """`anlan demo` on a home of its own; gives the one-time way in it prints."""

    def start(self) -> str:
        """Start it, wait until it serves, and return the address of the sign-in link."""
        log = (self.home.parent / "demo.log").open("ab")
        command = [sys.executable, "-m", "anlan.site.cli", "demo"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=log, cwd="/")
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(rb"http://\S+", line)
            if found:
                return found.group().decode()
        raise AssertionError((self.home.parent / "demo.log").read_text()[-3000:])

    def counted(self) -> dict[str, Any]:
        """Return what the drill's database holds, counted."""
        state = self.state()
        assert state is not None
        command = [sys.executable, "-m", "anlan.site.cli", "--database", state["database"], "shell"]
        script = self.home.parent / "count.py"
        script.write_text(COUNT)
        asked = f"exec(open({str(script)!r}).read())\n"
        done = subprocess.run(command, env=self.environment, input=asked, capture_output=True, text=True, cwd="/")
        line = next((x for x in done.stdout.splitlines() if "COUNTED " in x), None)
        assert line is not None, done.stdout[-2000:] + done.stderr[-2000:]
        found: dict[str, Any] = json.loads(line.partition("COUNTED ")[2])
        return found


class Duty:
    """A duty officer's browser: answers calls for the people who ring in, and sends again until it is told yes."""

    def __init__(self, link: str) -> None:
        self.base = re.match(r"http://[^/]+", link).group()  # type: ignore[union-attr]
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.ask(link)
        self.ask(self.base + "/")
        self.accepted: list[str] = []
        self.tried = 0
        self.stop = threading.Event()

    def ask(self, url: str, body: Any = None, **headers: str) -> Any:
        """GET or POST; returns the decoded JSON, or the text."""
        data = None if body is None else json.dumps(body).encode()
        token = next((c.value or "" for c in self.jar if c.name == "csrftoken"), "")
        sent = {"X-CSRFToken": token, "Content-Type": "application/json", "Origin": self.base, **headers}
        request = urllib.request.Request(url, data=data, headers=sent)
        with self.opener.open(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if text[:1] in "[{" else text

    def work(self) -> None:
        """Answer calls until told to stop, known ones again with fresh answers when nobody new is waiting."""
        known: list[str] = []
        while not self.stop.is_set():
            try:
                waiting = [call["id"] for call in self.ask(self.base + "/api/warning/unanswered?limit=10")]
            except OSError:
                self.stop.wait(0.2)
                continue
            known = (waiting + known)[:50]
            for call in waiting or known[:10]:
                self._answer(call)
            known = known[10:] + known[:10]

    def _answer(self, call: str) -> None:
        """Send one answer under one key until the server says that it is stored; only then it counts as accepted."""
        self.tried += 1
        key = f"storm-{self.tried}-{call[-8:]}"
        while not self.stop.is_set():
            try:
                url = f"{self.base}/api/warning/calls/{call}/answer"
                self.ask(url, {"content": "acting"}, **{"Idempotency-Key": key})
            except urllib.error.HTTPError as refusal:
                if refusal.code < 500:
                    return  # the warning ended meanwhile
                self.stop.wait(0.1)
            except OSError:
                self.stop.wait(0.1)
            else:
                self.accepted.append(key)
                self.stop.wait(0.05)
                return


@dataclass
class Outcome:
    """What the storm showed."""

    kills: Counter[str] = field(default_factory=Counter)
    back_s: list[float] = field(default_factory=list)
    accepted: int = 0
    stored: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    counted: dict[str, Any] = field(default_factory=dict)
    drill_moved: bool = False

    def faults(self) -> list[str]:
        """Return what is wrong, in words; nothing when all held."""
        c = self.counted
        rules = {
            f"accepted answers lost: {self.lost[:5]}": self.lost,
            f"answers stored twice: {self.doubled[:5]}": self.doubled,
            "the journal tells of other answers than the calls hold": c["told"] != self.stored,
            "an entry stands twice": c["entries"] != c["distinct"],
            "the seals have a gap or an entry twice": not c["seals"] == c["last"] == c["sealed"] == c["entries"],
            "entries wait unsealed": c["unsealed"],
            "reactions are parked": c["parked"],
            f"the journal is broken: {c['broken']}": c["broken"],
            "no answer was accepted at all": not self.accepted,
            "the drill stood still": not self.drill_moved,
        }
        return [words for words, wrong in rules.items() if wrong]


def play(home: Path, *, kills: int, seed: int, say: Any = print) -> Outcome:
    """Run the demo, kill `kills` processes at random moments while answers come in, count, and stop it."""
    chance = random.Random(seed)
    demo, outcome = Demo(home), Outcome()
    demo.laid()
    try:
        duty = Duty(demo.start())
        demo.wait_well()
        _wait_for_calls(duty)
        before = duty.ask(duty.base + "/console/state")["clock"]["now"]
        worker = threading.Thread(target=duty.work, daemon=True)
        worker.start()
        for number in range(kills):
            time.sleep(chance.uniform(*PAUSE_S))
            service = SERVICES[number % 4] if number < 4 else chance.choice(SERVICES)
            began = time.monotonic()
            demo.kill(service)
            time.sleep(0.3)
            demo.wait_well(BACK_S)
            outcome.kills[service] += 1
            outcome.back_s.append(time.monotonic() - began)
            say(f"{number + 1}/{kills} {service} back in {outcome.back_s[-1]:.1f} s, {len(duty.accepted)} accepted")
        time.sleep(3.0)
        duty.stop.set()
        worker.join(20)
        outcome.drill_moved = duty.ask(duty.base + "/console/state")["clock"]["now"] > before
        duty.ask(duty.base + "/healthz")
        outcome.counted = demo.counted()
        stored = outcome.counted.pop("answered")
        outcome.accepted = len(duty.accepted)
        outcome.lost = [key for key in duty.accepted if key not in stored]
        outcome.doubled = [key for key, times in stored.items() if times > 1]
        outcome.stored = len(stored)
    finally:
        if demo.process is not None and demo.process.poll() is None:
            demo.process.send_signal(signal.SIGINT)
            demo.process.wait(60)
    return outcome


def _wait_for_calls(duty: Duty) -> None:
    """Wait until somebody is being called: the first red warning is half a minute into the demo."""
    end = time.monotonic() + 180
    while not duty.ask(duty.base + "/api/warning/unanswered?limit=1"):
        assert time.monotonic() < end, "nobody was called in three minutes of the demo"
        time.sleep(0.5)


if __name__ == "__main__":
    import tempfile

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    folder = Path(tempfile.mkdtemp(prefix="anlan-storm-"))
    folder.chmod(0o711)
    os.environ.pop("ANLAN_DATABASE_URL", None)
    result = play(folder / "home", kills=count, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    print(f"killed {dict(result.kills)}; longest away {max(result.back_s):.1f} s; accepted answers {result.accepted}")
    print(result.counted)
    print("faults:", result.faults() or "none")
    sys.exit(bool(result.faults()))
