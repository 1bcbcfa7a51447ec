"""The scenario loader: the real scenario is whole, and each kind of mistake is named with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anlan.kernel.problem import Invalid, NotFound
from anlan.readiness.plot import Decide, IssueWarning
from anlan.readiness.scenario import folders, scenario_load, scenario_names

NAME = "zhengzhou-2021"


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the real scenario with one text replaced in one file."""

    def change(file: str, old: str, new: str) -> Path:
        target = tmp_path / NAME
        shutil.copytree(folders() / NAME, target, ignore=shutil.ignore_patterns("field"))
        text = (target / file).read_text(encoding="utf-8")
        assert old in text
        (target / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return change


def test_real_scenario_is_whole() -> None:
    story = scenario_load(NAME)
    assert NAME in scenario_names()
    assert story.starts_at == datetime(2021, 7, 19, 4, tzinfo=UTC)
    assert (story.ends_at - story.starts_at).total_seconds() == 38 * 3600
    assert len(story.facts) == 56
    assert all(fact.source for fact in story.facts)


def test_first_red_and_level_one_are_1111_minutes_apart() -> None:
    story = scenario_load(NAME)
    reds = [act for act in story.acts if isinstance(act, IssueWarning) and act.colour == "red"]
    decided = [act for act in story.acts if isinstance(act, Decide)]
    assert len(reds) == 5
    assert ["mass_sms" in act.channels for act in reds] == [True, False, False, False, False]
    assert (story.act_at(decided[0]) - story.act_at(reds[0])).total_seconds() / 60 == 1111
    assert (story.act_at(decided[1]) - story.act_at(decided[0])).total_seconds() / 60 == 30


def test_acts_are_in_time_order_and_within_the_span() -> None:
    story = scenario_load(NAME)
    times = [story.act_at(act) for act in story.acts]
    assert times == sorted(times)
    assert story.starts_at <= times[0] and times[-1] <= story.ends_at


def test_every_source_id_has_an_address_line() -> None:
    lines = (folders() / NAME / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    known = {line.split("|")[1].strip() for line in lines if line.startswith("| Z")}
    assert {key for fact in scenario_load(NAME).facts for key in fact.source} <= known


@pytest.mark.parametrize(
    ("file", "old", "new", "field"),
    [
        ("scenario.yaml", "fact: T03", "fact: T99", "acts[0].fact"),
        ("scenario.yaml", "texts: yellow", "texts: purple", "acts[0].texts"),
        ("scenario.yaml", "ends_at: 2021-07-21 02:00", "ends_at: 2021-07-18 00:00", "starts_at"),
        ("scenario.yaml", "tick_s: 120", "tick_s: 0", "tick_s"),
        ("scenario.yaml", "do: warning", "do: wave", "acts"),
        ("scenario.yaml", "valid_h: 6", "valid_h: soon", "acts"),
        ("scenario.yaml", "format: 1", "format: 1\nsurprise: 1", "file"),
        ("scenario.yaml", "Asia/Shanghai", "Asia/Nowhere", "timezone"),
        ("timeline.csv", "2021-07-19T21:59:00+08:00", "2021-07-19T21:59:00", "line"),
        ("timeline.csv", "2021-07-19T21:59:00+08:00", "half past nine", "line"),
        ("timeline.csv", ",warning,4101", ",gossip,4101", "line"),
        ("responders.yaml", "chance: 0.96", "chance: 1.96", "warning_issuer"),
        ("responders.yaml", "default: {answer: 0.88", "default: {answer: 1.88", "people"),
    ],
)
def test_mistakes_are_named(broken: Callable[[str, str, str], Path], file: str, old: str, new: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        scenario_load(NAME, broken(file, old, new))
    assert caught.value.field is not None and caught.value.field.startswith(file) and field in caught.value.field
    assert caught.value.zh and caught.value.en


@pytest.mark.parametrize("name", ["no-such-drill", "../zhengzhou-2021", ""])
def test_unknown_scenario(name: str) -> None:
    with pytest.raises(NotFound):
        scenario_load(name)
