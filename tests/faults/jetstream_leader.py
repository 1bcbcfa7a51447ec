"""Three JetStream servers under load whose leader is killed again and again; then every message is counted.

python -m tests.faults.jetstream_leader [KILLS] [SEED]: prints the counts, exit code 1 when one is wrong.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anlan.kernel.problem import Unavailable
from anlan.monitoring.sources.log_jetstream import JetStreamLog
from tests.faults.nats_nodes import Nodes

SHARD, STREAM = 0, "READ0"
PRODUCERS, BATCH, PAUSE_S = 3, 20, 0.02
BACK_S = 180.0  # a starved machine takes its time to elect


@dataclass
class Outcome:
    """What was confirmed, what was read while it happened, and what a fresh reader finds afterwards."""

    kills: int = 0
    leaders: list[str] = field(default_factory=list)
    confirmed: set[bytes] = field(default_factory=set)
    followed: list[tuple[int, bytes]] = field(default_factory=list)
    stored: list[tuple[int, bytes]] = field(default_factory=list)
    longest_gap_s: float = 0.0
    refusals: int = 0

    def faults(self) -> list[str]:
        """Return what is wrong, in words; nothing when all held."""
        bodies = Counter(body for _, body in self.stored)
        rules = {
            "confirmed messages lost": self.confirmed - set(bodies),
            "messages stored twice": [body for body, times in bodies.items() if times > 1],
            "numbers with a gap": [n for n, _ in self.stored] != list(range(1, len(self.stored) + 1)),
            "the reader beside it saw something else": self.followed != self.stored,
            "nothing was confirmed": not self.confirmed,
            "the leader did not move": len(set(self.leaders)) < 2,
        }
        return [words for words, wrong in rules.items() if wrong]


def play(home: Path, *, kills: int, seed: int, say: Any = print) -> Outcome:
    """Write through three servers, kill whoever leads `kills` times, and count."""
    chance, outcome = random.Random(seed), Outcome()
    stop, done = threading.Event(), threading.Event()
    with Nodes(home, 3) as nodes:
        logs = [nodes.log() for _ in range(PRODUCERS + 2)]
        logs[0].append([(SHARD, b"first")])
        outcome.confirmed.add(b"first")
        writers = [
            threading.Thread(target=_write, args=(log, n, outcome, stop), daemon=True)
            for n, log in enumerate(logs[:PRODUCERS])
        ]
        follower = threading.Thread(target=_follow, args=(logs[-1], outcome, done), daemon=True)
        for thread in (*writers, follower):
            thread.start()
        for number in range(kills):
            time.sleep(chance.uniform(1.0, 2.0))
            leader = _leader(nodes)
            nodes.kill(leader)
            outcome.leaders.append(leader)
            outcome.kills += 1
            began, before = time.monotonic(), len(outcome.confirmed)
            while len(outcome.confirmed) < before + 5 * BATCH:
                assert time.monotonic() - began < BACK_S, "writing never went on"
                time.sleep(0.05)
            outcome.longest_gap_s = max(outcome.longest_gap_s, time.monotonic() - began)
            nodes.again(leader)
            nodes.wait(BACK_S)
            say(f"{number + 1}/{kills} {leader} killed; {len(outcome.confirmed)} confirmed")
        time.sleep(1.0)
        stop.set()
        for writer in writers:
            writer.join(BACK_S)
        head = logs[-2].head(SHARD)
        outcome.stored = _read(logs[-2], head)
        done.set()
        follower.join(BACK_S)
        for log in logs:
            log.close()
    return outcome


def _leader(nodes: Nodes) -> str:
    end = time.monotonic() + BACK_S
    while not (name := nodes.leader(STREAM)) or name not in nodes.running:
        assert time.monotonic() < end, "nobody leads"
        time.sleep(0.1)
    return name


def _write(log: JetStreamLog, number: int, outcome: Outcome, stop: threading.Event) -> None:
    """Send batch after batch, each again until it is confirmed."""
    sent = 0
    while not stop.is_set():
        bodies = [f"{number}-{sent + i}-".encode() + bytes(2000) for i in range(BATCH)]
        while True:
            try:
                log.append([(SHARD, body) for body in bodies])
                break
            except Unavailable:
                outcome.refusals += 1
        outcome.confirmed |= set(bodies)
        sent += BATCH
        time.sleep(PAUSE_S)


def _follow(log: JetStreamLog, outcome: Outcome, done: threading.Event) -> None:
    """Read on and on, as the worker does, until told that no more comes and none is left."""
    while True:
        ending = done.is_set()
        try:
            found = log.read(SHARD, len(outcome.followed), most=200, wait_s=0.5)
        except Unavailable:
            continue
        outcome.followed += [(entry.number, entry.body) for entry in found]
        if ending and not found:
            return


def _read(log: JetStreamLog, head: int) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while len(found) < head:
        found += [(e.number, e.body) for e in log.read(SHARD, len(found), most=1000, wait_s=5.0)]
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="anlan-leader-") as folder:
        result = play(
            Path(folder),
            kills=int(sys.argv[1]) if len(sys.argv) > 1 else 3,
            seed=int(sys.argv[2]) if len(sys.argv) > 2 else 7,
        )
    print(f"{result.kills} kills of {result.leaders}; confirmed {len(result.confirmed)}, stored {len(result.stored)},")
    print(f"longest without a confirmation {result.longest_gap_s:.1f} s, refused appends {result.refusals}")
    print("faults:", result.faults() or "none")
    sys.exit(bool(result.faults()))
