"""What is believed of readings: each by itself, among its neighbours in time, and once only."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.monitoring.choices import Quality
from anlan.monitoring.engine.columns import SECOND, Columns, columns
from anlan.monitoring.engine.outcome import Outcome
from anlan.monitoring.engine.rules import Catalogue, Checks, Leaf, Level, Rule, SeriesDef
from anlan.monitoring.engine.shard import Shard
from tests.monitoring.engine.making import MINUTE, T0

HIGH = Rule("high", "1", "series", "", (Level("high", Leaf("x", "last", 0, 5.0)),))
FALL = Rule("fall", "1", "series", "", (Level("much", Leaf("x", "sum", 3600, 30.0)),))


def shard(kind: str, checks: Checks, *rules: Rule, late_s: int = 7200, isolated: bool = False) -> Shard:
    item = SeriesDef(1, "A", "x", kind, "other", "41", 3600, {}, checks, isolated)
    return Shard(Catalogue((item,), (), rules), late_s=late_s)


def rows(*pairs: tuple[int, float]) -> Columns:
    return columns([1] * len(pairs), [T0 + minute * MINUTE for minute, _ in pairs], [value for _, value in pairs])


def fed(known: Shard, *pairs: tuple[int, float], received: int = 10**9) -> Outcome:
    batch = rows(*pairs)
    return known.apply(batch, np.full(len(batch), T0 + received * MINUTE), int(batch.at.max()))


STEPS = Checks(step_most=2.0, step_floor=0.5)


def test_a_lonely_jump_is_doubted_and_the_next_ordinary_value_is_not() -> None:
    known = shard("gauge", STEPS, HIGH)
    outcome = fed(known, (0, 1.0), (10, 1.1), (20, 9.0), (30, 1.2), (40, 1.3))
    assert outcome.quality.tolist() == [0, 0, Quality.STEP, 0, 0]
    assert outcome.steps == []
    assert [(step.event, step.value, step.quality) for step in outcome.suspects] == [("suspect", 9.0, Quality.STEP)]


def test_a_jump_that_the_next_value_confirms_is_believed_after_all() -> None:
    known = shard("gauge", STEPS, HIGH)
    assert fed(known, (0, 1.0), (10, 9.0)).quality.tolist() == [0, Quality.STEP]
    outcome = fed(known, (20, 9.1))
    assert outcome.quality.tolist() == [0]
    assert outcome.requalified == [(1, T0 + 10 * MINUTE, Quality.GOOD)]
    assert [(step.event, step.at) for step in outcome.steps] == [("opened", T0 + 10 * MINUTE)]


def test_a_late_value_between_two_can_confirm_and_doubt() -> None:
    pairs = [(0, 1.0), (10, 1.1), (20, 9.0), (30, 9.2), (40, 1.4), (50, 1.5)]
    whole = fed(shard("gauge", STEPS, HIGH), *pairs)
    late = shard("gauge", STEPS, HIGH)
    codes = dict.fromkeys([at for at, _ in pairs], 0)
    for minute, value in (pairs[0], pairs[1], pairs[2], pairs[4], pairs[5], pairs[3]):
        outcome = fed(late, (minute, value))
        codes[minute] = int(outcome.quality[0])
        codes |= {(at - T0) // MINUTE: code for _, at, code in outcome.requalified}
    assert list(codes.values()) == whole.quality.tolist()


def test_a_value_that_never_changes_is_doubted_after_its_time() -> None:
    known = shard("gauge", Checks(stuck_s=3600))
    assert fed(known, *[(m, 2.0) for m in range(0, 90, 10)]).quality.tolist() == [0] * 6 + [Quality.STUCK] * 3
    assert fed(known, (90, 2.1)).quality.tolist() == [0]


def test_amounts_that_bring_an_hour_over_what_is_believed_are_doubted() -> None:
    known = shard("increment", Checks(low=0, hour_most=50), FALL)
    outcome = fed(known, (10, 20.0), (20, 25.0), (30, 8.0), (40, 0.5))
    assert outcome.quality.tolist() == [0, 0, Quality.JUMP, Quality.JUMP]
    assert [step.event for step in outcome.steps] == ["opened"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1.0, Quality.NEGATIVE),
        (100.0, Quality.RATE),
        (400.0, Quality.TOO_HIGH),
        (float("nan"), Quality.TOO_HIGH),
        (float("inf"), Quality.TOO_HIGH),
        (10.0, 0),
    ],
)
def test_values_by_themselves(value: float, code: int) -> None:
    known = shard("increment", Checks(low=0, high=350, burst_most=75))
    assert fed(known, (0, value)).quality.tolist() == [code]
    assert fed(known, (0, value)).repeated == 1  # the doubtful are known again too


def test_a_clock_that_runs_ahead_is_told_by_when_the_reading_came() -> None:
    known = shard("gauge", Checks(ahead_s=600), HIGH)
    assert fed(known, (60, 9.0), received=0).quality.tolist() == [Quality.FUTURE]
    outcome = fed(known, (1, 1.0), received=1)
    assert outcome.quality.tolist() == [0]
    assert (outcome.late, outcome.repeated) == (0, 0)


def test_an_isolated_station_raises_nothing_and_loses_nothing() -> None:
    outcome = fed(shard("gauge", Checks(), HIGH, isolated=True), (0, 9.0))
    assert outcome.new.tolist() == [True]
    assert outcome.quality.tolist() == [Quality.ISOLATED]
    assert outcome.steps == outcome.suspects == []


def test_a_counter_that_starts_again_or_wraps_goes_on_counting() -> None:
    known = shard("counter", Checks(wrap=1000.0), FALL)
    outcome = fed(known, (0, 990.0), (10, 998.0), (20, 5.0), (30, 9.0), (40, 2.0), (50, 18.0))
    # 8 + (5 + 1000 − 998) + 4 + (reset: 2) + 16 = 37 by minute 50; 30 is crossed there
    assert [(step.event, step.at, round(step.value, 6)) for step in outcome.steps] == [
        ("opened", T0 + 50 * MINUTE, 37.0)
    ]


def test_what_is_older_than_is_kept_is_left_to_the_table() -> None:
    known = shard("increment", Checks(), FALL, late_s=600)
    for minute in range(0, 3 * 1440, 10):
        fed(known, (minute, 0.1))
    outcome = fed(known, (5, 1.0), (3 * 1440 - 25, 1.0))
    assert (outcome.old.tolist(), outcome.new.tolist()) == ([True, False], [False, True])


def test_stored_readings_are_learnt_and_not_judged_again() -> None:
    first = shard("increment", Checks(low=0), FALL)
    outcome = fed(first, (10, 20.0), (20, -4.0), (30, 15.0))
    trails = first.watcher.trails()
    stored = rows((10, 20.0), (20, -4.0), (30, 15.0)).with_quality(outcome.quality)
    second = shard("increment", Checks(low=0), FALL)
    second.learn(stored, T0 - 100 * MINUTE)
    second.restore(trails)
    assert fed(second, (20, -4.0), (30, 15.0)).repeated == 2
    after = (fed(first, (40, 1.0), (100, 0.0)), fed(second, (40, 1.0), (100, 0.0)))
    assert after[0].steps == after[1].steps != []
    assert fed(second, (-200, 1.0)).old.tolist() == [True]


def test_the_pulse_tells_the_newest_value_its_sums_and_when_silence_falls_due() -> None:
    known = shard("increment", Checks(low=0))
    fed(known, (0, 5.0), (30, 1.0), (90, 2.0), (95, -3.0))
    pulse = known.pulses(np.array([1]))
    assert (pulse.last_at[0], pulse.last_value[0]) == (T0 + 90 * MINUTE, 2.0)
    assert (pulse.sum_1h[0], pulse.sum_3h[0]) == (2.0, 8.0)  # 30 lies just outside (30, 90]
    assert pulse.last_quality[0] == Quality.NEGATIVE
    assert pulse.due_at[0] == T0 + 95 * MINUTE + 3600 * SECOND


def test_a_sensor_that_sends_only_nonsense_is_not_remembered_for_ever() -> None:
    known, day = shard("gauge", Checks(high=10.0), HIGH), 24 * 60
    kept, late = 0, 0
    for first in range(0, 6 * day, 120):
        outcome = fed(known, *((first + minute, 99.0) for minute in range(120)))
        assert outcome.new.all()
        kept, late = max(kept, len(known.memory.doubts.of(0))), first
    assert 180 < kept < 2 * day  # of a gauge three hours are looked at
    again = fed(known, (late, 99.0), (late - 3 * day, 99.0), (late - 3 * day, 98.0))
    assert (again.repeated, again.new.any(), again.old.tolist()) == (1 + 1, False, [False, True, False])
    assert fed(known, (6 * day, 5.5)).steps[0].event == "opened"


def test_readings_of_another_century_are_left_to_the_table() -> None:
    known = shard("gauge", Checks(), HIGH)
    outcome = fed(known, *((year * 525_600, 1.0) for year in range(1, 6)), received=0)
    assert (outcome.new.any(), outcome.old.all(), set(outcome.quality.tolist())) == (False, True, {Quality.FUTURE})
    assert known.memory.doubts.of(0) == []
    near = fed(known, (24 * 60, 9.0), received=0)
    assert (near.new.tolist(), near.quality.tolist()) == ([True], [Quality.FUTURE])
    assert fed(known, (24 * 60, 9.0), received=0).repeated == 1


def test_many_doubtful_readings_are_told_as_few() -> None:
    known = shard("gauge", Checks(high=10.0), HIGH)
    outcome = fed(known, *((minute, 99.0 if minute % 50 else 1.0) for minute in range(150)))
    assert [(s.at - T0) // MINUTE for s in outcome.suspects] == [1, 51, 101]
    assert fed(known, (150, 99.0)).suspects == []  # the same as just before
