"""The log between gateway and worker: durable, in order, without gaps; one interface, two back ends.

A message is durable when `append` returns. A shard's numbers have no gaps and follow the order of commit, so a reader
that has seen number n has seen everything before it; a reader that would have to skip one raises LogGap instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, Protocol

from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, Unavailable


class Entry(NamedTuple):
    """One message of a shard's log: its number, and the packed readings (formats/packed.py)."""

    number: int
    body: bytes


class LogGap(Unavailable):
    """The log doesn't hold the next message: something was lost, or the log is not the one that was judged."""

    def __init__(self, shard: int, wanted: int, found: int | None) -> None:
        self.shard, self.wanted, self.found = shard, wanted, found
        super().__init__(
            code="log.gap",
            zh=f"分片 {shard} 的日志缺少第 {wanted} 条（现有 {found if found is not None else '无'}）；请查日志库是否被清空或换过。",
            en=f"The log of shard {shard} lacks message {wanted} (it holds {found if found is not None else 'none'});"
            " look whether it was emptied or exchanged.",
            field="shard",
            value=shard,
        )


class Log(Protocol):
    """A durable log of packed readings in shards."""

    name: str

    def append(self, messages: Sequence[tuple[int, bytes]]) -> None:
        """Add (shard, body) messages; durable when it returns. May be repeated after a failure: readings dedupe."""
        ...

    def read(self, shard: int, after: int, *, most: int, wait_s: float) -> list[Entry]:
        """Return at most `most` entries from after + 1 on, without gaps; waits up to `wait_s` for the first one.

        Raises LogGap when after + 1 is gone though later ones exist.
        """
        ...

    def head(self, shard: int) -> int:
        """Return the number of the newest message; 0 for an empty log."""
        ...

    def trim(self, shard: int, upto: int) -> None:
        """Let go of messages up to this number, included."""
        ...


def log_inline() -> Log:
    """Return the log in PostgreSQL, whose appends are part of the caller's transaction."""
    return _postgres()


def log_open() -> Log:
    """Return this process's log: the back end named by option `log`; a drill's is always in its own database."""
    if options.drill or options.log == "postgres":
        return _postgres()
    return _other()


@cache
def _postgres() -> Log:
    from anlan.monitoring.sources.log_postgres import PostgresLog

    return PostgresLog()


@cache
def _other() -> Log:
    if options.log == "jetstream":
        from anlan.monitoring.sources.log_jetstream import JetStreamLog

        opened: Log = JetStreamLog()
        return opened
    raise Invalid(
        code="option.value",
        zh=f"选项 log 的值“{options.log}”不对，应为 postgres 或 jetstream；请改 anlan.toml。",
        en=f"Option log can't be “{options.log}”: give postgres or jetstream in anlan.toml.",
        field="log",
        value=options.log,
    )
