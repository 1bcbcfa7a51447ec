"""What signals the kill tests' readings must give: judged at once by the engine alone, without node, log or database."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from anlan.monitoring import rules
from anlan.monitoring.engine.columns import columns, microseconds
from anlan.monitoring.engine.outcome import Step
from anlan.monitoring.engine.replay import replay
from anlan.monitoring.engine.rules import Catalogue, SeriesDef
from tests.faults.monitoring_plan import Plan


def replayed(plan: Plan) -> bytes:
    """Return the steps as `Counted.steps` of the database is made."""
    watch = rules.watch_for("rain")
    silence = watch.interval_s * watch.silence_intervals
    checks = rules.checks_for("rain", "rain_mm", "increment", watch.interval_s)
    series = [
        SeriesDef(n, code, "rain_mm", "increment", "rain", "410183108", silence, {}, checks, False, *plan.place(n))
        for n, code in enumerate(plan.codes)
    ]
    at = np.array([microseconds(moment) for moment in plan.times])
    rows = columns(
        np.repeat(np.arange(plan.stations), plan.each), np.tile(at, plan.stations), plan.values().ravel()
    )  # fmt: skip
    end = microseconds(plan.end)
    found = replay(Catalogue(tuple(series), (), rules.shipped_rules()), rows, end)
    lines = [_line(plan, step) for step in found.steps if step.at <= end and step.event != "suspect"]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _line(plan: Plan, step: Step) -> str:
    moment = datetime.fromtimestamp(step.at / 1e6, UTC)
    code = plan.codes[int(step.place.removeprefix("s:"))]
    return (
        f"{step.rule}\t{code}\t{step.event}\t{step.level}\t{moment:%Y-%m-%d %H:%M:%S}+00\t{step.value!r}".removesuffix(
            ".0"
        )
    )
