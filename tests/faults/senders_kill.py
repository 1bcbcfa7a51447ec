"""kill -9 of the sender process at random moments, while it sends by HTTP and by SMPP.

pytest tests/faults/test_senders_kill.py runs it, with four kills.

At the end everybody was called: every message was accepted, and none twice. A gateway that knows a repeat by its key
accepts it once; what SMPP's centre saw twice bears the same reference, and there are no more of those than were in the
air at the kills. After each kill sending goes on by itself; how soon is noted, for only a quiet machine can be held to it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.own_database import address
from tests.warning.channels.posting import all_in, free_port, outgoing, sent, until, warning_row, way

WINDOW = 8


@dataclass
class Outcome:
    """What the run ended with. seen: lines of the counterparts; resumed: seconds from each kill of the worker to the next
    message; kept: the same of the keeper, for which its spare stands in."""

    messages: int
    kills: int
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    resumed: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)

    def faults(self) -> list[str]:
        """What is wrong, in words; nothing when all held."""
        found = []
        for kind in ("http", "smpp"):
            mine = [(key, address) for name, key, address in self.seen if name == kind]
            people, keys = {address for _, address in mine}, set(mine)
            if len(people) != self.messages:
                found.append(f"{kind}: {self.messages - len(people)} people forgotten")
            if len(keys) != self.messages:
                found.append(f"{kind}: {len(keys) - self.messages} people called twice under another reference")
            again = len(mine) - len(keys)
            if again > self.kills * 2 * WINDOW:
                found.append(f"{kind}: {again} repeats, more than were in the air")
        wrong = {state: count for state, count in self.states.items() if state[1] != "handed"}
        if wrong:
            found.append(f"the queue says {wrong}")
        return found

    @property
    def repeats(self) -> dict[str, int]:
        """How often a counterpart saw the same message again, by kind."""
        return {
            kind: sum(name == kind for name, _, _ in self.seen) - len({one for one in self.seen if one[0] == kind})
            for kind in ("http", "smpp")
        }


def play(home: Path, people: list[Any], *, kills: int, seed: int = 7, rate: float = 150.0) -> Outcome:
    """Send to everybody by two ways, killing the sender `kills` times. The caller has made people and database."""
    chance, outcome = random.Random(seed), Outcome(len(people), kills)
    port, centre_port = free_port(), free_port()
    words = [sys.executable, "-m", "tests.faults.senders_plan", str(port), str(centre_port)]
    counterpart = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert counterpart.stdout is not None and counterpart.stdout.readline().strip() == "ready"
    reading = threading.Thread(target=_read, args=(counterpart.stdout, outcome), daemon=True)
    reading.start()
    speed = {"rate_per_s": rate, "window": WINDOW, "backoff_s": 0.2, "tries": 50}
    url = f"http://127.0.0.1:{port}/"
    way("voice-a", "voice", "voice", {"url": url}, **speed)
    centre = {"host": "127.0.0.1", "port": centre_port, "system_id": "anlan", "source": "10639", "receipts": False}
    way("sms-a", "sms", "smpp", centre, **speed)
    warning = warning_row()
    sent(*[outgoing(warning, ["voice", "sms"], person, text_zh="立即转移") for person in people])
    sender = _start(home)
    try:
        total = 2 * len(people)
        for number in range(kills):
            until(lambda at=number + 1: len(outcome.seen) >= total * at // (kills + 2), f"kill {number + 1}", 120)
            time.sleep(chance.uniform(0.0, 0.3))
            whole = number % 2 == 1  # every other time its keeper as well; the supervisor then starts another
            os.kill(sender.pid if whole else _worker(sender.pid), signal.SIGKILL)
            killed = time.monotonic()
            time.sleep(0.05)
            before = len(outcome.seen)
            if whole:
                sender.wait()
            until(lambda n=before: len(outcome.seen) > n or n >= total, "sending again", 60)
            (outcome.kept if whole else outcome.resumed).append(time.monotonic() - killed)
            if whole:
                sender = _start(home)
                until(lambda: not (home / "senders.standin").exists(), "the stand-in relieved", 60)
        until(all_in("handed", "given_up", "failed"), "an end", 180)
        outcome.states.update(_states())
    finally:
        for process in (sender, counterpart):
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    reading.join(20)
    return outcome


def _start(home: Path) -> subprocess.Popen[bytes]:
    """The sender process, on the database of this test."""
    environ = {**os.environ, "ANLAN_HOME": str(home), "ANLAN_DATABASE_URL": address(), "ANLAN_ROLE": "senders"}
    return subprocess.Popen([sys.executable, "-m", "anlan.site.senders"], env=environ)


def _worker(keeper: int) -> int:
    """The process id of the keeper's copy that does the work: the younger one, after its spare."""
    children = Path(f"/proc/{keeper}/task/{keeper}/children")
    return until(lambda: (found := [int(w) for w in children.read_text().split()])[1:] and found, "worker")[-1]


def _read(lines: Any, outcome: Outcome) -> None:
    for line in lines:
        kind, key, address = line.split()
        outcome.seen.append((kind, key, address.removeprefix("86") if kind == "smpp" else address))


def _states() -> list[tuple[str, str]]:
    from anlan.warning.models import OutboxMessage

    return list(OutboxMessage.objects.values_list("channel", "state"))
