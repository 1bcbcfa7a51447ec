"""`anlan up` as a person runs it: comes up, survives kill -9 of any part, refuses a twin, stops, runs again."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.site.postgres import Server
from tests.site.nodes import Node

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    folder = Path(tempfile.mkdtemp(prefix="anlan-up-"))
    node = Node(folder / "home").up()
    yield node
    if node.process is not None and node.process.poll() is None:
        node.stop()
    Server(node.home).stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize("service", ["web", "live", "worker", "postgres"])
def test_a_killed_part_comes_back_by_itself(node: Node, service: str):
    before = node.kill(service)
    end = time.monotonic() + 30
    while (node.state() or {})["services"][service]["pid"] in (None, before):
        assert time.monotonic() < end
        time.sleep(0.02)
    node.wait_well()


def test_a_second_one_on_the_same_home_is_refused_with_the_first_ones_number(node: Node):
    done = node.run("up")
    assert done.returncode == 1
    assert str(node.process.pid) in done.stderr
    assert "已在此目录" in done.stderr


def test_commands_use_the_running_database(node: Node):
    done = node.run("user", "add", "chief", "--division", "41", "--role", "admin")
    assert done.returncode == 0, done.stderr
    assert f":{node.state()['web_port']}/sign-in/" in done.stdout
    assert "chief" in node.run("user", "list").stdout
    assert node.well()


def test_pages_log_in_as_the_web_role_and_the_worker_as_the_owner(node: Node):
    run = node.state()

    def address(service: str) -> str:
        words = Path(f"/proc/{run['services'][service]['pid']}/environ").read_bytes().split(b"\0")
        return next(word.decode() for word in words if word.startswith(b"ANLAN_DATABASE_URL="))

    assert "//anlan_web:" in address("web")
    assert "//anlan_web:" in address("live")
    assert "//anlan_owner:" in address("worker")


def test_the_doctor_finds_nothing_that_fails(node: Node):
    import json

    done = node.run("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert {"web", "live", "worker", "database", "durable", "role", "schema", "journal"} <= found.keys()
    for name in ("web", "live", "worker", "database", "durable", "role", "schema", "row rights", "home"):
        assert found[name]["state"] == "ok", found[name]


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next(node: Node):
    pids = [service["pid"] for service in node.state()["services"].values()]
    os.kill(node.process.pid, signal.SIGKILL)
    node.process.wait()
    node.up()
    assert not set(pids) & {service["pid"] for service in node.state()["services"].values()}


def test_it_stops_in_order_and_runs_again(node: Node):
    pids = [service["pid"] for service in node.state()["services"].values()]
    assert node.stop(signal.SIGTERM) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert node.state() is None
    assert "database system is shut down" in (node.home / "logs/postgres.log").read_text()[-400:]
    node.up()
    assert node.stop() == 0
