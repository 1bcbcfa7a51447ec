"""The engine against the plain way, and against itself in every order: one set of signals."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.monitoring.engine.columns import Columns
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.replay import replay
from anlan.monitoring.engine.rules import Catalogue
from anlan.monitoring.engine.shard import Shard
from tests.monitoring.engine import naive
from tests.monitoring.engine.making import EVERY, MINUTE, T0, catalogue, readings

Told = dict[tuple[str, str], list[Step]]


def _plain(steps: list[Step] | tuple[Step, ...]) -> list[naive.Happened]:
    return sorted((s.rule, s.place, s.event, s.at, s.level, s.previous) for s in steps)


def _exact(steps: list[Step] | tuple[Step, ...]) -> list[Step]:
    return sorted(step._replace(value=round(step.value, 6)) for step in steps)


def _keep(told: Told, standings: list[Standing]) -> None:
    """Do as the tables do: steps at or after `since` are replaced."""
    for standing in standings:
        key = (standing.rule, standing.place)
        told[key] = [step for step in told.get(key, []) if step.at < standing.since] + list(standing.steps)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.code)
@pytest.mark.parametrize("seed", range(3))
def test_every_kind_of_rule_is_judged_as_the_plain_way_does(rule: object, seed: int) -> None:
    known = catalogue(rule)  # type: ignore[arg-type]
    rows = readings(seed, known)
    end = int(rows.at.max()) + 120 * MINUTE
    assert _plain(replay(known, rows, end).steps) == naive.steps(known, rows, end)


def test_the_rules_of_these_tests_do_raise_something() -> None:
    known = catalogue()
    raised = {step.rule for seed in range(3) for step in replay(known, readings(seed, known)).steps}
    assert raised == {rule.code for rule in EVERY}


def _live(known: Catalogue, rows: Columns, seed: int, *, restart: bool = False) -> list[Step]:
    """Feed rows as they come to a live shard: any batches, the clock going on with the newest time, maybe restarts."""
    random = np.random.default_rng(seed)
    shard, told, trails = Shard(known, late_s=10**8), {}, {}
    place, clock = 0, T0
    while place < len(rows):
        batch = rows.where(np.arange(place, min(len(rows), place + int(random.integers(1, 60)))))
        place += len(batch)
        clock = max(clock, int(batch.at.max()))
        outcome = shard.apply(batch, np.full(len(batch), 2**60), clock)
        _keep(told, outcome.standings)
        if random.random() < 0.2:
            _keep(told, shard.advance(clock))
        if restart and random.random() < 0.1:
            trails = shard.watcher.trails()
            shard = Shard.undump(known, shard.dump(), late_s=10**8)
            shard.restore(trails)
    end = int(rows.at.max()) + 120 * MINUTE
    _keep(told, shard.advance(end))
    return [step for steps in told.values() for step in steps]


@pytest.mark.parametrize("seed", range(12))
def test_any_order_split_repetition_and_restart_gives_the_same_signals(seed: int) -> None:
    known = catalogue()
    rows = readings(seed, known)
    random = np.random.default_rng(seed)
    end = int(rows.at.max()) + 120 * MINUTE
    undisturbed = _exact(replay(known, rows, end).steps)
    order = (
        random.permutation(len(rows))
        if seed % 3 == 0
        else np.argsort(rows.at + random.integers(0, 50 * MINUTE, len(rows)))
    )
    order = np.concatenate((order, random.choice(order, len(order) // 20)))
    if seed % 3 == 2:
        order = np.arange(len(rows))
    assert _exact(_live(known, rows.where(order), seed, restart=seed % 2 == 1)) == undisturbed


def test_a_repeated_reading_counts_once_and_the_first_value_stands() -> None:
    known = catalogue()
    rows = readings(1, known)
    shard = Shard(known, late_s=10**8)
    first = shard.apply(rows, np.full(len(rows), 2**60), T0)
    assert first.new.all()
    assert first.repeated == first.differing == 0
    again = shard.apply(rows.with_value(rows.value + 1), np.full(len(rows), 2**60), T0)
    assert not again.new.any()
    assert again.repeated == again.differing == len(rows)
    assert again.standings == []


def test_readings_of_unknown_series_are_counted_and_left_alone() -> None:
    known = catalogue()
    rows = readings(1, known)
    stranger = Columns(np.full(len(rows), 999, np.int32), rows.at, rows.value, rows.quality)
    outcome = Shard(known).apply(stranger, np.full(len(rows), 2**60), T0)
    assert outcome.unknown == len(rows)
    assert not outcome.new.any()
    assert not outcome.old.any()
