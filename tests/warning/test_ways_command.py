"""`anlan ways`: what it prints for people and for programs, and that its acts are the platform's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import NotFound
from anlan.site import cli
from anlan.site.cli_ways import ways
from anlan.warning.models import ChannelSetting, OutboxMessage
from anlan.warning.services import WaySpec, warning_issue, way_save
from tests.warning.channels.posting import way
from tests.warning.conftest import SCENARIO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
runner = CliRunner(env={"LANG": "en_GB.UTF-8", "LC_ALL": ""})
DEAD = {"url": "http://127.0.0.1:1/"}


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command works on the database of the test."""

    @contextmanager
    def ready() -> Iterator[str]:
        yield ""

    monkeypatch.setattr(cli, "ready", ready)


def test_an_empty_house_says_where_to_set_one_up() -> None:
    told = runner.invoke(ways, ["list"])
    assert told.exit_code == 0
    assert "set one up on the page" in told.stdout


def test_the_list_has_a_line_for_each_and_a_form_for_programs() -> None:
    way("sms-a", "sms", "http_sms", DEAD)
    warning_issue(by=SCENARIO, hazard="11B03", colour="orange", area=["410181100"], channels=["sms"])
    waiting = OutboxMessage.objects.count()
    assert waiting > 0
    (line,) = runner.invoke(ways, ["list"]).stdout.splitlines()
    assert line.split("\t")[:3] == ["sms-a", "sms", "http_sms"]
    assert f"waiting {waiting}" in line
    (row,) = json.loads(runner.invoke(ways, ["list", "--json"]).stdout)
    assert (row["code"], row["queued"], row["sent_today"]) == ("sms-a", waiting, 0)


def test_pause_and_resume_are_journalled_as_the_house_s() -> None:
    way("sms-a", "sms", "http_sms", DEAD)
    told = runner.invoke(ways, ["pause", "sms-a", "--reason", "works until 18"])
    assert told.exit_code == 0
    assert "sms-a" in told.stdout
    assert not ChannelSetting.objects.get().enabled
    assert "paused" in runner.invoke(ways, ["list"]).stdout.lower()
    assert runner.invoke(ways, ["resume", "sms-a"]).exit_code == 0
    assert ChannelSetting.objects.get().enabled
    acts = Entry.objects.filter(kind="channel.paused").order_by("id")
    assert [(entry.data["paused"], entry.data["reason"]) for entry in acts] == [
        (True, "works until 18"), (False, "works until 18"),
    ]  # fmt: skip
    assert {(entry.actor["kind"], entry.actor["name"]) for entry in acts} == {("system", "site")}


def test_a_way_nobody_has_is_told_so() -> None:
    told = runner.invoke(ways, ["pause", "nowhere", "--reason", "x"])
    assert told.exit_code == 1
    assert isinstance(told.exception, NotFound)


def test_a_test_message_succeeds_only_when_it_was_taken(tmp_path: Path) -> None:
    way("sms-a", "sms", "http_sms", DEAD)
    told = runner.invoke(ways, ["test", "sms-a", "--to", "13800000000"])
    assert told.exit_code == 1
    assert "not sent" in told.stderr
    way_save(by=Actor.system("test"), spec=WaySpec("here", "sms", "loopback", "回环", "Loop-back"))
    assert runner.invoke(ways, ["test", "here", "--to", "13800000000"]).exit_code == 0
