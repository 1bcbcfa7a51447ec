"""`anlan plan check` names field, value and remedy, and its exit says whether a plan is complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.response.formats.packs import pack_text
from anlan.site.cli import app

RUN = CliRunner()


def kept(folder: Path, *changes: tuple[str, str]) -> str:
    text = pack_text("plans/earthquake.yaml")
    for good, bad in changes:
        assert good in text
        text = text.replace(good, bad, 1)
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_complete_plan_passes(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["plan", "check", kept(tmp_path)])
    assert done.exit_code == 0
    assert "ZZ-QUAKE v1, 4 levels, 37 tasks, 4 cards" in done.output


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("working_group: monitoring", "working_group: choir", "levels[0].tasks[1].working_group = 'choir'"),
        ('law: ["72", "FZ.50(1)"]', 'law: ["FZ.50(7)"]', "levels[0].tasks[0].law = 'FZ.50(7)'"),
        ("within: 120, receipt: 10", "within: 120, receipt: 121", "levels[0].tasks[0].within"),
        ("deciders: [city_commander]", "deciders: [emperor]", "levels[0].deciders = 'emperor'"),
        ("  - post: school_head", "  - post: pupil", "cards[0].post = 'pupil'"),
        ("code: ZZ-QUAKE", "code: [", "line"),
    ],
)
def test_a_fault_is_told_with_field_and_value(tmp_path: Path, good: str, bad: str, said: str) -> None:
    done = RUN.invoke(app, ["plan", "check", kept(tmp_path, (good, bad))])
    assert done.exit_code == 1
    assert said in done.output


def test_one_faulty_file_of_two_fails_both_are_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.yaml")
    done = RUN.invoke(app, ["plan", "check", kept(tmp_path), missing])
    assert done.exit_code == 1
    assert "ok  " in done.output
    assert missing in done.output
