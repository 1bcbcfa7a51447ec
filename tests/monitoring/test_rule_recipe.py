"""The recipe for rules says what is so: its pack is read, its tests pass."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from anlan.site.cli import app

RECIPE = Path(__file__).resolve().parents[2] / "docs/recipes/add-a-rule.md"


def test_the_recipe_can_be_followed(tmp_path):
    pack, tests = re.findall(r"```yaml\n(.*?)```", RECIPE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "mountain.yaml").write_text(pack, "utf-8")
    (tmp_path / "mountain_tests.yaml").write_text(tests, "utf-8")
    done = CliRunner().invoke(app, ["rules", "check", str(tmp_path / "mountain.yaml")])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["rules", "test", str(tmp_path / "mountain_tests.yaml")])
    assert done.exit_code == 0, done.output
    assert "1 tests, 0 failed" in done.output
