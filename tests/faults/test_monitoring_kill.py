"""kill -9 of everything between a sender and a signal: every reading is stored once, and the signals are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.monitoring_kill import run
from tests.faults.monitoring_plan import Plan

READINGS, EACH, KILLS = 60_000, 100, 4


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("log", ["postgres", "jetstream"])
def test_readings_and_signals_outlive_the_death_of_each_process(tmp_path: Path, log: str) -> None:
    if log == "jetstream":
        pytest.importorskip("nats")
    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    plan = Plan(READINGS // EACH, EACH, end)
    outcome = run(tmp_path / "home", plan, log, order=11, kills=KILLS, seed=7)
    assert sum(outcome.kills.values()) == KILLS
    assert outcome.faults() == []


def test_the_plan_sends_every_reading_and_repeats_some() -> None:
    plan = Plan(50, 100, datetime(2026, 11, 22, 12, tzinfo=UTC))
    one, other = ([row for batch in plan.batches(order) for row in batch] for order in (1, 2))
    assert len(one) == plan.readings * 1.05 and len(set(one)) == plan.readings
    assert one != other and set(one) == set(other)
