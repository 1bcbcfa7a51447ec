"""A whole node for the kill tests: `anlan up` with its gateway, worker, PostgreSQL and (if chosen) NATS."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from anlan.monitoring.sources import jetstream_servers
from anlan.site.postgres import Server
from tests.faults.monitoring_plan import Plan
from tests.site.nodes import PORT, Node

SETTLE_S = 300.0

SETUP = """
from datetime import datetime
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.kernel.tokens import token_make
from anlan.monitoring.services.stations import StationSpec, stations_register
by = Actor.system("kill")
def spec(n):
    code = f"K{n:05d}"
    return StationSpec(code=code, name_zh=code, name_en=code, kind="rain", metric="rain_mm", division="410183108",
                       lon=113.0 + (n % 200) * 0.01, lat=34.0 + (n // 200) * 0.01)  # as Plan.place says
for first in range(0, {stations}, 5000):
    stations_register(by=by, stations=[spec(n) for n in range(first, min(first + 5000, {stations}))])
account = Account.objects.create_user("gw", name="gateway", divisions=["4101"], roles=["gateway"])
secret = token_make(by=by, account=account, name="gw", divisions=["4101"], rights=["monitoring.write"],
                    rate_per_min=60000)[1]
print("SECRET " + secret)
"""

READINGS = """
COPY (SELECT t.code, extract(epoch FROM r.at)::bigint, r.value, r.quality
      FROM monitoring_reading r JOIN monitoring_series s ON s.number = r.series JOIN monitoring_station t
        ON t.id = s.station_id ORDER BY t.code, r.at) TO STDOUT
"""
STEPS = """
COPY (SELECT g.rule, coalesce(t.code, g.place), p.event, p.level, p.at, p.value
      FROM monitoring_signalstep p JOIN monitoring_signal g ON g.id = p.signal_id
        LEFT JOIN monitoring_station t ON t.id = g.station_id
      WHERE p.superseded_at IS NULL AND p.at <= '{until}' AND p.event <> 'suspect'
      ) TO STDOUT
"""


@dataclass(frozen=True)
class Counted:
    """What the database holds. readings: hash over (station, time, value); qualities: with quality, to compare runs.

    steps: the signals' steps that still hold, one a line; without what a doubtful reading would have said, for that
    tells how things stood when it came. done, head: how far the log was judged, and its end.
    """

    count: int
    distinct: int
    readings: str
    qualities: str
    steps: bytes
    done: int
    head: int

    @property
    def signals(self) -> str:
        """Hash of the steps."""
        return hashlib.sha256(self.steps).hexdigest()


class KillNode(Node):
    """`anlan up` on a home of its own, with the log that is asked for."""

    def __init__(self, home: Path, log: str) -> None:
        super().__init__(home)
        self.log = log
        self.environment |= {
            "ANLAN_LOG": log,
            "ANLAN_GATEWAY_PORT": str(PORT + 400),
            "ANLAN_NATS_PORT": str(PORT + 600),
        }

    @property
    def services(self) -> tuple[str, ...]:
        """What is killed: everything between a sender and a signal."""
        state = self.state()
        assert state is not None
        return tuple(name for name in state["services"] if name not in ("web", "live"))

    def prepare(self, plan: Plan) -> str:
        """Register the stations; return the token of their senders."""
        done = self.shell(SETUP.replace("{stations}", str(plan.stations)))
        found = re.search(r"SECRET (\S+)", done)
        assert found, done[-3000:]
        return found.group(1)

    def shell(self, script: str) -> str:
        """Run a script in the node's shell; return what it prints."""
        path = self.home.parent / "script.py"
        path.write_text(script)
        command = [sys.executable, "-m", "anlan.site.cli", "shell"]
        asked = f"exec(open({str(path)!r}).read(), {{}})\n"
        done = subprocess.run(command, env=self.environment, input=asked, capture_output=True, text=True, cwd="/")
        return done.stdout + done.stderr

    def gateway(self) -> int:
        """The gateway's port."""
        state = self.state()
        assert state is not None
        return int(state["gateway_port"])

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection above all rights."""
        with psycopg.connect(Server(self.home).superuser("anlan"), autocommit=True, connect_timeout=5) as connection:
            yield connection

    def position(self) -> tuple[int, int]:
        """How far the log is judged, and its end."""
        with self.database() as connection:
            row = connection.execute("SELECT coalesce(sum(done), 0)::int FROM monitoring_progress").fetchone()
            if self.log == "postgres":
                end = connection.execute("SELECT coalesce(sum(head), 0)::int FROM monitoring_loghead").fetchone()
                return row[0] if row else 0, end[0] if end else 0
        return row[0] if row else 0, self._stream_end()

    def _stream_end(self) -> int:
        monitors = jetstream_servers.own(self.home)[1]
        from urllib.request import urlopen

        for monitor in monitors:
            with suppress(OSError), urlopen(f"{monitor}/jsz?streams=true", timeout=5) as answer:
                told = json.loads(answer.read())
                streams = [s for a in told.get("account_details", []) for s in a.get("stream_detail", [])]
                return sum(s["state"]["last_seq"] for s in streams if s["name"].startswith("READ"))
        return -1

    def settle(self, seconds: float = SETTLE_S) -> None:
        """Wait until everything in the log is judged; fails when for `seconds` nothing at all was."""
        end, last = time.monotonic() + seconds, -1
        while True:
            with suppress(psycopg.Error):
                done, head = self.position()
                if done == head > 0:
                    return
                if done != last:
                    end, last = time.monotonic() + seconds, done
            assert time.monotonic() < end, f"judged {done} of {head} messages; see {self.home}/logs"
            time.sleep(0.3)

    def counted(self, until: datetime) -> Counted:
        """Count everything once nothing moves any more."""
        done, head = self.position()
        with self.database() as connection:
            asked = "SELECT count(*), count(DISTINCT (series, at)) FROM monitoring_reading"
            count, distinct = connection.execute(asked).fetchone() or (0, 0)
            readings, qualities = hashlib.sha256(), hashlib.sha256()
            with connection.cursor() as cursor, cursor.copy(READINGS) as rows:
                rows.set_types(["text", "int8", "float8", "int2"])
                for code, at, value, quality in rows.rows():
                    line = f"{code} {at} {value!r}"
                    readings.update(f"{line}\n".encode())
                    qualities.update(f"{line} {quality}\n".encode())
            with connection.cursor() as cursor, cursor.copy(STEPS.replace("{until}", until.isoformat())) as lines:
                steps = b"\n".join(sorted(b"".join(map(bytes, lines)).splitlines())) + b"\n"
        return Counted(count, distinct, readings.hexdigest(), qualities.hexdigest(), steps, done, head)
