"""The doctor refuses a JetStream that confirms before it has synced, and says so of one it can't ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("nats")

from anlan.kernel.options import options
from anlan.site.doctor import Finding
from anlan.site.doctor_log import log
from tests.faults.nats_nodes import Nodes


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    set_to = {"log": "jetstream", "home_path": tmp_path, "nats_url": "", "nats_monitor": "", "nats_stream_gb": 1}
    for name, value in set_to.items():
        monkeypatch.setitem(vars(options), name, value)
    return tmp_path


def found() -> dict[str, Finding]:
    return {finding.name: finding for finding in log()}


def test_servers_that_sync_first_are_well_and_are_written_to(home: Path) -> None:
    with Nodes(home) as nodes:
        nodes.log().append([(0, b"x")])
        seen = found()
    assert [f.state for f in seen.values()] == ["ok", "ok", "ok"]
    assert seen["log streams"].en == "READ0: 1 × 1"


def test_servers_that_confirm_first_fail_with_the_remedy(home: Path) -> None:
    with Nodes(home, jetstream={"sync_interval": '"2m"'}):
        refused = found()["log"]
    assert refused.state == "fail"
    assert "sync_interval: always" in refused.en and "sync_interval: always" in refused.zh


def test_servers_that_are_away_fail(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(options), "nats_url", "nats://127.0.0.1:9")
    refused = found()["log"]
    assert refused.state == "fail" and "nats_monitor" in refused.en


def test_own_servers_that_do_not_run_are_only_told(home: Path) -> None:
    assert found()["log"].state == "warn"


def test_the_log_in_the_database_needs_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(options), "log", "postgres")
    assert found()["log"].state == "ok"
