"""kill -9 of each process of a running drill: all come back by themselves, nothing accepted is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.storm import SERVICES, play


@pytest.mark.faults
@pytest.mark.slow
def test_a_running_drill_outlives_the_death_of_each_of_its_processes(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    outcome = play(tmp_path / "home", kills=len(SERVICES), seed=7)
    assert set(outcome.kills) == set(SERVICES) and outcome.faults() == []
