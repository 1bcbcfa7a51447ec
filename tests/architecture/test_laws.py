"""The laws of the house that a syntax tree can show: one way, pure engines, one clock, annotated public functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.house import ROOT, SOURCE, called, functions, imports, python, tree, where

ENGINES = [path for path in python() if "engine" in path.parts]
STAGES = [path for path in python() if path.relative_to(SOURCE).parts[0] not in {"kernel", "site"}]

# What an engine must not know: the framework, files, network, processes, the wall clock, chance.
IMPURE = (
    "django", "psycopg", "ninja", "os", "io", "pathlib", "shutil", "subprocess", "socket", "http", "urllib", "requests",
    "time", "random", "secrets", "threading", "asyncio", "anlan.kernel.clock", "anlan.kernel.options",
    "anlan.kernel.journal", "anlan.kernel.models",
)  # fmt: skip
ROOMS_OF_STATE = {"models", "services", "selectors", "reactions", "tasks", "pages", "api", "channels", "sources"}
CHANCE_AND_TIME = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "time.time",
    "timezone.now", "uuid.uuid4", "uuid4", "uuid.uuid1", "random.random", "random.choice", "secrets.token_hex", "os.urandom",
}  # fmt: skip


def test_imports_run_one_way() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(script), "--no-cache"], cwd=ROOT, capture_output=True, text=True,
                          env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"})  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_there_are_engines_to_look_at() -> None:
    assert len(ENGINES) > 20


def test_engines_are_pure() -> None:
    bad = []
    for path in ENGINES:
        for name in sorted(imports(path)):
            inside = name.split(".")
            state = inside[0] == "anlan" and len(inside) > 2 and inside[2] in ROOMS_OF_STATE
            if state or any(name == word or name.startswith(word + ".") for word in IMPURE):
                bad.append(f"{where(path)} imports {name}")
    assert bad == []


def test_engines_open_no_files() -> None:
    bad = [
        where(path, node)
        for path in ENGINES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called(node) in {"open", "print", "input"}
    ]
    assert bad == []


def test_every_public_function_of_an_engine_is_annotated_and_explained() -> None:
    bad = []
    for path in ENGINES:
        for node in functions(path):
            if node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and node in tree(path).body:
                bad.append(f"{where(path, node)} {node.name}: no docstring")
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [a.arg for a in arguments if a.annotation is None and a.arg not in {"self", "cls"}]
            if bare or node.returns is None:
                bad.append(f"{where(path, node)} {node.name}: not annotated {bare}")
    assert bad == []


def test_time_and_chance_come_from_the_kernel() -> None:
    bad = [
        f"{where(path, node)} {called(node)}"
        for path in STAGES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called(node) in CHANCE_AND_TIME
    ]
    assert bad == []


def test_rules_live_in_no_save_and_no_signal() -> None:
    bad = []
    for path in STAGES:
        if any(name.startswith("django.db.models.signals") for name in imports(path)):
            bad.append(f"{where(path)} uses model signals")
        bad += [
            f"{where(path, node)} overrides {node.name}" for node in functions(path) if node.name in {"save", "delete"}
        ]
    assert bad == []


def test_no_room_is_called_utils() -> None:
    assert [where(path) for path in python() if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []
