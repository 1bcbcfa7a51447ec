"""Power cut on a disk of its own: nothing the log confirmed is lost, by either back end; and the cut is a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cut_disk import impossible

REASON = impossible()
pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
pytest.importorskip("nats")

from tests.faults.power_cut import play


@pytest.mark.parametrize("store", ["postgres", "jetstream"])
def test_what_was_confirmed_outlives_a_power_cut(tmp_path: Path, store: str) -> None:
    tmp_path.chmod(0o711)
    outcome = play(tmp_path, store, seconds=2.0)
    assert outcome.confirmed, "nothing was confirmed before the cut"
    assert outcome.lost == []
    assert outcome.doubled == 0 and outcome.gapless


def test_the_servers_own_default_loses_what_it_confirmed(tmp_path: Path) -> None:
    """Without `sync_interval: always`, which our log insists on: the proof that the test above can fail."""
    outcome = play(tmp_path, "jetstream-2m", seconds=1.5)
    assert outcome.confirmed and outcome.lost
