"""How far an import is, said by a second connection each second, and who is at it: one process at a time.

Progress is a passing sight: it is written past the triggers that keep row versions. The lock is the connection's own,
so a process that dies gives it back at once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg
from django.db import connection

from anlan.kernel.problem import Conflict

PAUSE_S = 0.8
Tell = Callable[[dict[str, Any]], None]


def second_connection() -> psycopg.Connection[Any]:
    """Return a connection of its own to the same database, committing at once."""
    wanted = {key: value for key, value in connection.get_connection_params().items() if key in _PARAMETERS}
    return psycopg.connect(**wanted, autocommit=True)


_PARAMETERS = ("dbname", "host", "port", "user", "password", "options", "connect_timeout", "application_name")


class Progress:
    """`with Progress(batch) as progress: progress.step("checking", total)` then `progress.done(n)`.

    Raises Conflict when another process is at this import. `tell` is called in this process with the same figures.
    """

    def __init__(self, batch: UUID, tell: Tell | None = None) -> None:
        self.batch, self.tell = batch, tell
        self.now: dict[str, Any] = {"step": "", "done": 0, "total": 0, "rate": 0, "left_s": None}
        self.started = monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="import-progress", daemon=True)

    def __enter__(self) -> Self:
        """Take the import."""
        self._second = second_connection()
        taken = self._second.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [str(self.batch)]
        ).fetchone()
        if not (taken and taken[0]):
            self._second.close()
            raise Conflict(
                code="import.at_work",
                zh="此批次正在由另一进程处理，请稍候。",
                en="Another process is at this import; please wait.",
                field="batch",
                value=self.batch,
            )
        self._second.execute("SET anlan.replay = 'on'; SET lock_timeout = '300ms'; SET synchronous_commit = off")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say the last figures and give the import back."""
        self._end.set()
        self._thread.join()
        self._second.close()

    def step(self, name: str, total: int = 0) -> None:
        """Begin a step of `total` rows (0: not known)."""
        self.started = monotonic()
        self.now = {"step": name, "done": 0, "total": total, "rate": 0, "left_s": None}

    def done(self, rows: int) -> None:
        """Say how many rows of the step are done."""
        past = max(monotonic() - self.started, 1e-6)
        rate, total = rows / past, self.now["total"]
        left = round(max(total - rows, 0) / rate, 1) if rate and total else None
        self.now = {**self.now, "done": rows, "rate": round(rate), "left_s": left}

    def _run(self) -> None:
        last: dict[str, Any] = {}
        while not self._end.wait(PAUSE_S):
            if self.now != last:
                last = self.now
                self._write(last)
        self._write(self.now)

    def _write(self, figures: dict[str, Any]) -> None:
        if self.tell:
            self.tell(figures)
        try:
            self._second.execute(
                "UPDATE territory_import SET progress = %s WHERE id = %s", [json.dumps(figures), self.batch]
            )
        except psycopg.Error:
            return  # the row is being written by the import itself, or the server is away: the next second says it
