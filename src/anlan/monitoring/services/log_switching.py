"""Going over to another log: progress counts in it from then on. The old one has to be judged to its end before."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Problem
from anlan.monitoring.events import LogSwitched
from anlan.monitoring.models import Progress
from anlan.monitoring.services.snapshots import folder
from anlan.monitoring.sources.log import Log, log_open

_KEPT = """
SELECT h.head, coalesce((SELECT min(number) - 1 FROM monitoring_logentry e WHERE e.shard = h.shard), h.head)
FROM monitoring_loghead h WHERE h.shard = %s
"""


class Switched(NamedTuple):
    """What became of one shard. was, now: names of its logs; done: where it begins in the new one; unjudged: messages
    of the old one that nobody will judge (None: it can't be asked)."""

    shard: int
    was: str
    now: str
    done: int
    unjudged: int | None


@transaction.atomic
def log_switch(*, by: Actor, abandon: bool = False) -> list[Switched]:
    """Let every shard that counts in another log count in the one of option `log`; return what was changed.

    Raises Conflict while the old log holds messages that nobody judged, or can't be asked, unless `abandon` says that
    they are given up (their senders then send them again). Readings that both logs hold are stored once.
    """
    by.must_have("monitoring.write")
    log, found = log_open(), []
    for row in Progress.objects.select_for_update().order_by("shard"):
        named = str(getattr(log, "identity", lambda _: log.name)(row.shard))
        if row.log == named:
            continue
        unjudged = 0 if row.done == 0 else _unjudged(row, log)
        if unjudged != 0 and not abandon:
            raise _refused(row, unjudged)
        switched = Switched(row.shard, row.log, named, _before_first(log, row.shard), unjudged)
        row.log, row.done, row.chain = named, switched.done, ""
        row.save(update_fields=["log", "done", "chain"])
        (folder() / f"{row.shard}.marks").unlink(missing_ok=True)  # they count in the old one
        record(LogSwitched(**switched._asdict()), by=by, about=f"shard:{row.shard}", division="", at=clock.now())
        found.append(switched)
    return found


def _unjudged(row: Progress, log: Log) -> int | None:
    """Return how many messages of the log that `row` counts in are not judged; None when that can't be told."""
    if row.log == "postgres":
        head, _ = _table(row.shard)
        return max(0, head - row.done)
    if log.name != "postgres":
        return None  # the same servers, but the stream was made anew
    try:
        from anlan.monitoring.sources.log_jetstream import JetStreamLog

        old = JetStreamLog()
    except (Problem, ImportError):
        return None
    try:
        return max(0, old.head(row.shard) - row.done) if old.identity(row.shard) == row.log else None
    except Problem:
        return None
    finally:
        old.close()


def _before_first(log: Log, shard: int) -> int:
    """Return the number before the oldest message that a log still holds."""
    first = getattr(log, "first", None)
    return int(first(shard)) - 1 if first is not None else _table(shard)[1]


def _table(shard: int) -> tuple[int, int]:
    """Return the head of the log in the database, and the number before its oldest message."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [shard])
        return cursor.fetchone() or (0, 0)


def _refused(row: Progress, unjudged: int | None) -> Conflict:
    count_zh = "无法查询" if unjudged is None else f"还有 {unjudged} 条"
    count_en = "can't be asked" if unjudged is None else f"still holds {unjudged} messages"
    return Conflict(
        code="log.unjudged",
        zh=f"分片 {row.shard} 的原日志“{row.log}”{count_zh}未评判消息；请先按原设置运行至全部评判完，"
        "或加 --abandon 放弃它们（由发送方重发）。",
        en=f"The old log “{row.log}” of shard {row.shard} {count_en} that nobody judged. Run with the old option until all is"
        " judged, or give them up with --abandon (their senders send again).",
        field="log",
        value=row.log,
    )
