"""Taking readings at once: put in order and judged in the caller's transaction (drills, files, tests)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.services.intake import intake_rows, packages
from anlan.monitoring.services.stations import common
from anlan.monitoring.services.stepping import Inline, Stepped, inline_step
from anlan.monitoring.sources.log import log_inline

Rows = Sequence[tuple[str, datetime, float]]


@dataclass(frozen=True)
class TakeReport:
    """What became of a batch: of `offered` rows of known stations `count` were new; `unknown` are codes nobody knows.

    `repeated` were known already (`differing` of them with another value: the first value stands); `doubtful` are kept
    with a quality code and never raise a signal; `late` are older than the station's newest. changes: steps of signals
    by kind; batch: id of the journal's entry, None when nothing was new.
    """

    batch: UUID | None
    offered: int
    count: int
    repeated: int
    differing: int
    doubtful: int
    late: int
    unknown: tuple[str, ...]
    changes: dict[str, int]


@transaction.atomic
def readings_take(*, by: Actor, rows: Rows, source: str, at: datetime | None = None) -> TakeReport:
    """Store readings (station code, aware time, value) of the stations' main series, judge them at `at` (default now),
    change signals, record the events; all in one transaction, or in the caller's.

    Taking the same batch again changes nothing and records nothing. Raises Forbidden outside the actor's scope,
    Conflict where the log is not PostgreSQL's, and ValueError for a time without zone. Rows of unknown stations are
    reported, the others taken.
    """
    if options.log != "postgres" and not options.drill:  # no other log can be part of this transaction
        raise Conflict(
            code="log.inline",
            zh=f"选项 log 为“{options.log}”时，不能在同一事务中接收并判定读数；请改为报送到网关或接口 /api/monitoring/readings。",
            en=f"While option log is “{options.log}” readings can't be taken and judged in one transaction: send them to the"
            " gateway or to /api/monitoring/readings.",
            field="log",
            value=options.log,
        )
    now = microseconds(at or clock.now())
    found = intake_rows((code, "", microseconds(when), value, 0) for code, when, value in rows)
    for division in found.divisions:
        by.must("readings.take", division)
    unknown = tuple(sorted({code for code, _ in found.unknown}))
    log, steps = log_inline(), []
    for shard, readings in found.shards.items():
        bodies = [body for _, body in packages(shard, readings, source, now)]
        inline = Inline(by, source, common(found.divisions))
        steps.append(inline_step(shard, bodies, now=now, source=log, inline=inline))
    return _report(steps, unknown)


def _report(steps: Sequence[Stepped], unknown: tuple[str, ...]) -> TakeReport:
    changes: dict[str, int] = {}
    for step in steps:
        for kind, count in step.changes.items():
            changes[kind] = changes.get(kind, 0) + count

    def whole(name: str) -> int:
        return sum(int(getattr(step, name)) for step in steps)

    return TakeReport(
        batch=next((step.batch for step in steps if step.batch is not None), None),
        offered=whole("offered"), count=whole("count"), repeated=whole("repeated"), differing=whole("differing"),
        doubtful=whole("doubtful"), late=whole("late"), unknown=unknown, changes=changes,
    )  # fmt: skip
