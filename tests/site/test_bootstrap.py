"""./anlan: what it decides, without installing anything."""

from __future__ import annotations

import fcntl
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap as a module, with an environment folder of its own."""
    monkeypatch.setenv("ANLAN_ENV", str(tmp_path / "env"))
    loader = importlib.machinery.SourceFileLoader("front_door", str(ROOT / "anlan"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("front_door", loader))
    loader.exec_module(module)
    (tmp_path / "env/venv/bin").mkdir(parents=True)
    module.PYTHON.touch()
    return module


def test_it_needs_nothing_but_the_standard_library():
    done = subprocess.run([sys.executable, "-I", "-S", ROOT / "anlan", "build", "--help"], capture_output=True, text=True,
                          env={"ANLAN_ENV": "/dev/null/nowhere", "PATH": ""})  # fmt: skip
    assert "ModuleNotFoundError" not in done.stderr
    assert "ANLAN_ENV" in done.stderr  # says that it can't write there, and how to choose another folder


def test_a_finished_environment_is_left_alone_until_its_lock_changes(door: ModuleType):
    assert not door.python_ready("run")
    door.set_stamp("python", door.wanted("run"))
    assert door.python_ready("run")
    assert not door.python_ready("test")
    door.set_stamp("python", {**door.wanted("run"), "run": "another lock"})
    assert not door.python_ready("run")


def test_the_test_environment_serves_for_running(door: ModuleType):
    door.set_stamp("python", door.wanted("test"))
    assert door.python_ready("test")
    assert door.python_ready("run")


def test_an_interrupted_step_counts_as_not_done(door: ModuleType):
    (door.ENV / "python.stamp").write_text('{"run": "cut off he')
    assert door.stamp("python") is None
    assert not door.python_ready("run")


def test_pages_are_built_anew_when_a_source_changes(door: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    front, built = tmp_path / "frontend", tmp_path / "built"
    (front / "src").mkdir(parents=True)
    (front / "node_modules").mkdir()
    built.mkdir()
    (front / "package.json").write_text("{}")
    monkeypatch.setattr(door, "ROOT", tmp_path)
    monkeypatch.setattr(door, "FRONTEND", front)
    monkeypatch.setattr(door, "BUILT", built)
    monkeypatch.setattr(door, "LOCKS", tmp_path)
    (tmp_path / "node.lock").write_text("")
    assert not door.pages_ready("run")
    door.set_stamp("pages", {"sources": door.sources(), "kind": "run"})
    assert door.pages_ready("run")
    assert not door.pages_ready("test")
    (front / "node_modules/left.js").write_text("not a source")
    assert door.pages_ready("run")
    (front / "src/map.ts").write_text("let a = 1")
    assert not door.pages_ready("run")


def test_a_second_start_waits_for_the_first(door: ModuleType):
    with door.locked("set-up"), (door.ENV / "set-up.lock").open("w") as second, pytest.raises(BlockingIOError):
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_old_python_is_told_what_to_do_in_both_languages(door: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "sys", SimpleNamespace(version_info=(3, 9, 2), exit=sys.exit, argv=[]))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit) as refused:
        door.find_python()
    assert "3.9" in str(refused.value)
    assert "请安装" in str(refused.value)
    assert "Install it" in str(refused.value)


def test_an_old_python_hands_over_to_a_newer_one(door: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    newer = tmp_path / "python3.12"
    newer.write_text("#!/bin/sh\nexit 0\n")
    newer.chmod(0o755)
    monkeypatch.setattr(door, "sys", SimpleNamespace(version_info=(3, 9, 2), exit=sys.exit, argv=["anlan", "up"]))
    monkeypatch.setenv("PATH", str(tmp_path))
    called = []
    monkeypatch.setattr(door.os, "execv", lambda path, words: called.append((path, words)) or sys.exit("gone"))
    with pytest.raises(SystemExit):
        door.find_python()
    assert called == [(str(newer), [str(newer), "anlan", "up"])]


@pytest.mark.parametrize("name", ["uv", "run", "test", "node"])
def test_locks_pin_versions_and_hashes_and_name_no_address(name: str):
    text = (ROOT / f"requirements/{name}.lock").read_text()
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+", text, re.MULTILINE)
    assert pins
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text
    assert "index" not in text


def test_the_pages_lock_names_no_address():
    assert '"resolved"' not in (ROOT / "frontend/package-lock.json").read_text()


def test_every_package_that_is_shipped_is_in_the_notices():
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text()
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / "requirements/run.lock").read_text(), re.MULTILINE)
    assert [name for name in pins if f"| {name} |" not in notices] == []
    pages = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]
    shipped = {
        path.split("node_modules/")[-1]
        for path, d in pages.items()
        if path and not d.get("dev") and not d.get("optional")
    }
    assert sorted(name for name in shipped if f"| {name} |" not in notices) == []
