"""The command line: fast help, every option shown with its source, problems in both languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from anlan.kernel.options import SPEC
from tests.site.nodes import Node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "home")


def test_help_names_every_command_and_loads_neither_django_nor_numpy(node: Node):
    said = node.run("--help").stdout
    for word in (
        "up",
        "demo",
        "drill",
        "generate",
        "doctor",
        "backup",
        "restore",
        "options",
        "journal",
        "bench",
        "user",
    ):
        assert f"  {word} " in said, word
    probe = "import sys, anlan.site.cli; print([m for m in ('django.db', 'numpy', 'psycopg') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], env=node.environment, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_options_shows_value_and_source_and_hides_secrets(node: Node):
    node.home.mkdir()
    (node.home / "anlan.toml").write_text('language = "en"\ndatabase_url = "postgresql://someone:word@127.0.0.1/x"\n')
    done = node.run("options", "--json")
    found = {row["name"]: row for row in json.loads(done.stdout)}
    assert found.keys() == {option.name for option in SPEC}
    assert (found["language"]["value"], found["language"]["from"]) == ("en", "file")
    assert found["web_port"]["from"] == "environment"
    assert found["time_zone"]["from"] == "default"
    assert "word" not in done.stdout


def test_words_of_a_bench_are_the_bench_s_own(node: Node):
    done = node.run("bench", "nosuch", "--write", "--log", "jetstream")
    assert "nosuch" in done.stderr
    assert "No such option" not in done.stderr


def test_a_bad_option_is_named_with_its_remedy_in_both_languages(node: Node):
    node.environment["ANLAN_WEB_PORT"] = "eighty"
    done = node.run("options")
    assert done.returncode == 1
    assert "web_port" in done.stderr
    assert "a whole number" in done.stderr
    assert "整数" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_impossible_speed_is_refused(node: Node):
    done = node.run("drill", "zhengzhou-2021", "--speed", "9000")
    assert done.returncode == 1
    assert "600" in done.stderr


def test_commands_about_what_is_kept_run_from_a_bare_shell(node: Node):
    node.environment.pop("DJANGO_SETTINGS_MODULE", None)
    node.laid()
    listed = [("ways", "list", "--json"), ("token", "list", "--json")]
    refused = [
        ("incident", "timeline", "01900000-0000-7000-8000-000000000000"),
        ("ways", "pause", "horn", "--reason", "test"), ("ways", "resume", "horn"), ("ways", "test", "horn"),
        ("token", "add", "nobody", "--name", "test", "--right", "territory.read"), ("token", "revoke", "999999"),
    ]  # fmt: skip
    for words in listed:
        done = node.run(*words)
        assert (done.returncode, json.loads(done.stdout)) == (0, []), (words, done.stderr)
    for words in refused:
        done = node.run(*words)
        assert done.returncode and "Traceback" not in done.stderr, (words, done.stderr)
        assert "没有" in done.stderr, (words, done.stderr)
