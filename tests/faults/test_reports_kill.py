"""kill -9 of web and worker while townships report: none lost, none twice, every sum exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.reports_kill import Node, land_laid, play
from tests.own_database import address
from tests.warning.channels.posting import free_port


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_three_hundred_townships_report_while_web_and_worker_die(tmp_path: Path) -> None:
    land = land_laid(300)
    node = Node(tmp_path / "home", address(), free_port())
    try:
        outcome = play(node, land, kills=2)
    finally:
        node.stop()
    assert outcome.faults() == [], outcome.fault
    assert outcome.kills == {"web": 1, "worker": 1}
    assert outcome.again > 0  # the cut was felt
