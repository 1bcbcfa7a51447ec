"""Readings through a node whose processes are killed again and again; then every reading and every signal is counted.

python -m tests.faults.monitoring_kill [ROUNDS] [SEED] [--log postgres|jetstream] [--readings N] [--engine-only]

Two runs: one that nobody disturbs, and one in another order and in other batches under kill -9 of gateway, workers,
PostgreSQL and NATS at random moments. Senders repeat a batch until it is confirmed. Both must end with every reading
stored once and with the same signals, byte for byte: those of the engine that judges all readings at once.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.monitoring_node import Counted, KillNode
from tests.faults.monitoring_plan import REPEATED, Plan
from tests.faults.monitoring_replay import replayed

SENDERS = 4
EACH = 100  # readings of a station
PAUSE_S = (0.2, 3.0)
ROUND_S = 4.0  # sending is slowed down so that it lasts this long for each kill
BACK_S = 120.0
UP_S = 240.0
SILENT_S = 180.0  # a node that takes nothing for so long is not coming back


@dataclass
class Outcome:
    """What the disturbed run ended with. sent: readings in confirmed batches, repetitions too; again: tries in vain."""

    plan: Plan
    kills: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    again: int = 0
    seconds: float = 0.0
    counted: Counted | None = None

    def faults(self, calm: Counted | None = None) -> list[str]:
        """Return what is wrong, in words; nothing when all held. calm: what the undisturbed run ended with."""
        replay = replayed(self.plan)
        c = self.counted
        if c is None:
            return ["nothing was counted"]
        rules = {
            f"{self.plan.readings - c.count} of {self.plan.readings} readings are missing": c.count
            != self.plan.readings,
            "a reading is stored twice": c.distinct != c.count,
            "readings differ from what was sent": c.readings != self.plan.digest(),
            f"judged {c.done} of {c.head} messages": c.done != c.head,
            "there are no signals": not c.steps.strip(),
            f"signals are not those of the engine alone: {differing(replay, c.steps)}": c.steps != replay,
        }
        if calm is not None:
            rules |= {
                f"signals differ: {differing(calm.steps, c.steps)}": c.steps != calm.steps,
                "readings are believed differently": c.qualities != calm.qualities,
            }
        return [words for words, wrong in rules.items() if wrong]


def differing(one: bytes, other: bytes) -> str:
    """Return how many lines stand only in one of two texts, and the first of them."""
    left, right = set(one.splitlines()), set(other.splitlines())
    only = sorted(left ^ right)
    first = [f"{'-' if line in left else '+'}{line.decode()}" for line in only[:4]]
    return f"{len(left - right)} gone, {len(right - left)} added of {len(left)}: {first}"


class Senders:
    """Programs that send the plan's batches over HTTP, each again until it is confirmed."""

    def __init__(self, node: KillNode, plan: Plan, secret: str, order: int, seconds: float) -> None:
        self.node, self.secret, self.plan = node, secret, plan
        self.seconds_each = seconds * SENDERS / (plan.readings * (1 + REPEATED))
        self.port = node.gateway()
        self.sent = self.again = 0
        self.refused = self.last = ""
        self._moved = time.monotonic()
        self._batches: Iterator[list[tuple[str, str, float]]] = plan.batches(order)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]

    def start(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def done(self) -> float:
        """Share of the plan that is confirmed."""
        return self.sent / self.plan.readings

    def join(self) -> None:
        for thread in self._threads:
            thread.join()
        assert not self.refused, self.refused

    def _work(self) -> None:
        while not self.refused:
            with self._lock:
                batch = next(self._batches, None)
            if batch is None:
                return
            free = time.monotonic() + len(batch) * self.seconds_each
            body = json.dumps({"columns": ["station", "at", "value"], "rows": batch})
            while not self.refused and not self._send(body, len(batch)):
                self.again += 1
                if time.monotonic() > self._moved + SILENT_S:
                    self.refused = (
                        f"for {SILENT_S:.0f} s nothing was confirmed, at last: {self.last}; {self.node.state()}"
                    )
                time.sleep(0.1)
            time.sleep(max(0.0, free - time.monotonic()))

    def _send(self, body: str, count: int) -> bool:
        """Send one batch; True when it is confirmed whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/readings", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                told = json.loads(text)
                if told["count"] != count or told["wrong"]:
                    self.refused = f"{count} sent, told {text[:500]!r}"
                    return False
                with self._lock:
                    self.sent += count
                    self._moved = time.monotonic()
                return True
            self.last = f"{answer.status} {text[:500]!r}"
            if answer.status not in (401, 429, 500, 502, 503):
                self.refused = self.last
        except (OSError, http.client.HTTPException) as error:
            self.last = repr(error)
        finally:
            connection.close()
        return False


def run(home: Path, plan: Plan, log: str, *, order: int, kills: int = 0, seed: int = 7, say: Any = print) -> Outcome:
    """Send the whole plan through a fresh node, killing `kills` of its processes meanwhile, and count."""
    chance, outcome = random.Random(seed), Outcome(plan)
    home.parent.mkdir(parents=True, exist_ok=True)
    home.parent.chmod(0o711)
    node = KillNode(home, log)
    node.laid()
    try:
        node.up(UP_S)
        secret = node.prepare(plan)
        began = time.monotonic()
        senders = Senders(node, plan, secret, order, kills * ROUND_S).start()
        services = node.services
        for number in range(kills):
            # spread over the sending: the next one falls when its share of the readings is through, or some time after
            until = time.monotonic() + chance.uniform(*PAUSE_S) + 60.0
            while senders.busy and senders.done < number / kills and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(chance.uniform(*PAUSE_S))
            name = services[number % len(services)] if number < len(services) else chance.choice(services)
            kill(node, name)
            outcome.kills[name] += 1
            say(f"{number + 1}/{kills} {name} killed; {senders.sent} confirmed, {senders.again} tries in vain")
        senders.join()
        node.settle()
        outcome.seconds = time.monotonic() - began
        outcome.sent, outcome.again = senders.sent, senders.again
        outcome.counted = node.counted(plan.end)
    finally:
        if node.process is not None and node.process.poll() is None:
            node.process.send_signal(signal.SIGINT)
            node.process.wait(60)
    return outcome


def kill(node: KillNode, name: str) -> None:
    """kill -9 one service, when it runs (it may just be restarting)."""
    end = time.monotonic() + BACK_S
    while True:
        with suppress(ProcessLookupError, KeyError, TypeError, AssertionError):
            node.kill(name)
            return
        assert time.monotonic() < end, f"{name} never came back"
        time.sleep(0.1)


def play(
    folder: Path, *, log: str, readings: int, kills: int, seed: int, calmly: bool = True, say: Any = print
) -> list[Outcome]:
    """The undisturbed run (when `calmly`) and the disturbed one."""
    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    plan, outcomes = Plan(max(1, readings // EACH), EACH, end, seed), []
    if calmly:
        outcomes.append(run(folder / "calm/home", plan, log, order=seed + 1, say=say))
        say(f"undisturbed: {outcomes[0].seconds:.0f} s, {summary(outcomes[0])}")
    outcomes.append(run(folder / "wild/home", plan, log, order=seed + 2, kills=kills, seed=seed, say=say))
    return outcomes


def summary(outcome: Outcome) -> str:
    """One line of counts."""
    c = outcome.counted
    assert c is not None
    steps = len(c.steps.splitlines())
    return (
        f"{outcome.sent} sent, {outcome.again} tries in vain; {c.count} readings stored, {c.distinct} different;"
        f" judged {c.done} of {c.head} messages; {steps} steps of signals, sha256 {c.signals[:16]}"
    )


def main() -> int:
    """Play from the command line."""
    asked = argparse.ArgumentParser()
    asked.add_argument("rounds", type=int, nargs="?", default=20)
    asked.add_argument("seed", type=int, nargs="?", default=7)
    asked.add_argument("--log", choices=("postgres", "jetstream"), default="postgres")
    asked.add_argument("--readings", type=int, default=2_000_000)
    asked.add_argument("--engine-only", action="store_true", help="no undisturbed run: compare with the engine alone")
    given = asked.parse_args()
    for name in [name for name in os.environ if name.startswith("ANLAN_")]:
        del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="anlan-kill-"))
    os.environ |= {"ANLAN_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "anlan.site.settings"}
    import django

    django.setup()
    *calm, wild = play(
        folder,
        log=given.log,
        readings=given.readings,
        kills=given.rounds,
        seed=given.seed,
        calmly=not given.engine_only,
    )
    print(f"{given.log}: killed {dict(wild.kills)} in {wild.seconds:.0f} s; {summary(wild)}")
    faults = [f"undisturbed: {words}" for one in calm for words in one.faults()]
    faults += wild.faults(calm[0].counted if calm else None)
    print("faults:", faults or "none", "" if not faults else f"(kept: {folder})")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
