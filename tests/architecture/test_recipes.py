"""The recipes run as they are written: their examples hold, their commands are there, their paths lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from anlan.response.choices_levels import CLOSEOUT
from anlan.response.engine.metrics import METRICS
from anlan.response.engine.plan import law_text
from anlan.response.formats.packs import pack_text
from anlan.response.formats.plan_bodies import body_faults, body_read
from anlan.site.cli import app
from tests.architecture.house import ROOT

PAGES = sorted([*(ROOT / "docs" / "recipes").glob("*.md"), *(ROOT / "docs" / "stages").glob("*.md")])
PLAN = (ROOT / "docs" / "recipes" / "write-a-plan.md").read_text(encoding="utf-8")


def fenced(text: str, language: str) -> list[str]:
    """The blocks of a language, their indentation taken off."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, flags=re.M | re.S)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_paths_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [path for path in re.findall(r"`((?:src|tests|docs|drills|frontend)/[^`\s:]+)`", text) if "<" not in path]
    linked = [path.partition("#")[0] for path in re.findall(r"\]\((?!https?:)([^)]+)\)", text)]
    missing = [path for path in named if not any(ROOT.glob(path.rstrip("/")))]
    missing += [path for path in linked if path and not (page.parent / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_a_page_names_are_there(page: Path) -> None:
    known: Any = get_command(app)
    for words in re.findall(r"(?:^|`)(?:\./)?anlan ([a-z][a-z -]*[a-z])", page.read_text(encoding="utf-8"), flags=re.M):
        command = known
        for word in words.split():
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, f"anlan {words}"
            command = command.commands[word]


def test_the_conditions_of_the_recipe_make_a_plan() -> None:
    (block,) = fenced(PLAN, "yaml")
    conditions = yaml.safe_load(block)
    body = body_read(pack_text("plans/earthquake.yaml"))
    first = body["levels"][0]["triggers"][0]
    assert len(conditions) == 7
    for condition in conditions:
        assert condition["metric"] in METRICS
        first["any_of"] = [condition]
        assert body_faults(body) == (), condition


def test_the_citations_and_closing_acts_of_the_recipe_are_known() -> None:
    cited = re.findall(r'`"([^"]+)"`', PLAN.partition("## Citations")[2])
    assert len(cited) == 3
    assert all(law_text((one,)).zh for one in cited)
    acts = re.search(r"closing tasks with an action\s+of (.*?)\. What", PLAN, flags=re.S)
    assert acts is not None
    assert set(re.findall(r"`(\w+)`", acts[1])) == set(CLOSEOUT)


def test_a_trigger_whose_source_is_two_words_stands_in_quotes() -> None:
    """htmx takes `from:closest details` for an element called closest and never hears it."""
    loose = re.compile(r"hx-trigger=\"[^\"]*from:(?:closest|find|next|previous) ")
    pages = (ROOT / "src" / "anlan").glob("*/templates/**/*.html")
    assert [str(page) for page in pages if loose.search(page.read_text(encoding="utf-8"))] == []
