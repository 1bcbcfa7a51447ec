"""A simulated day of calls: every limit to the second, no call after an answer, the same after any death."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.ladder_day import begun, whole_day
from tests.own_database import address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults, pytest.mark.slow]
HERE = Path(__file__).parents[2]
SEEN: dict[str, str] = {}


@pytest.mark.parametrize("kills", [0, 6])
def test_a_day_of_calls_is_audited_and_the_same_after_any_death(kills: int, tmp_path: Path) -> None:
    env = {**os.environ, "ANLAN_DATABASE_URL": address(), "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}"}
    found = whole_day(tmp_path, kills=kills, seed=7, hazards=1, divisions=begun("tiny", 7), env=env)
    assert found.faults == [], "\n".join(found.faults[:8])
    assert 0.0 < found.worst_s <= 1.0
    assert found.calls > 50 and found.answers > 20 and found.climbed > 20
    assert SEEN.setdefault("digest", found.digest) == found.digest
