"""The fuzzing program itself, a little of it: `python -m tests.faults.fuzz_codecs 10000000` is the whole."""

from __future__ import annotations

from tests.faults.fuzz_codecs import Run


def test_some_thousand_damaged_frames() -> None:
    run = Run(seed=11)
    for number in range(6_000):
        run.one(number)
    assert run.seen["sl651 believed"] > 300  # frames whose inside is damaged and whose check value is right
    assert run.seen["sl651 read in part"] > 100
    assert run.seen["hj212 refused"] > 1000
    assert run.seen["sl651 values taken though damaged"] == 0
