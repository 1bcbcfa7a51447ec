"""JetStream's leader killed three times under load: nothing confirmed is lost, nothing stored twice, no gap."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("nats")

from tests.faults.jetstream_leader import play


@pytest.mark.faults
@pytest.mark.slow
def test_three_deaths_of_the_leader_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = play(tmp_path, kills=3, seed=7)
    assert outcome.kills == 3 and outcome.faults() == []
