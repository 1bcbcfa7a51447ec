"""docs/capabilities.md is a promise: nothing is called working without a test that shows it."""

from __future__ import annotations

import ast
import re

from tests.architecture.house import ROOT

PAGE = ROOT / "docs" / "capabilities.md"
STATES = {"working", "partly", "planned"}
STAGES = {"territory", "risk", "prevention", "monitoring", "warning", "response", "rescue", "relief", "readiness",
          "review", "mesh", "kernel", "site"}  # fmt: skip


def rows() -> list[tuple[int, str, str, str, list[str]]]:
    """Number, promise, stage, state and the tests named."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0].isdigit():
            found.append((int(cells[0]), cells[1], cells[2], cells[3], re.findall(r"`(tests/[^`]+)`", cells[4])))
    return found


def exists(name: str) -> bool:
    """Does `tests/x/test_y.py::test_z` (or the file alone) exist?"""
    path, _, function = name.partition("::")
    file = ROOT / path
    if not file.is_file():
        return False
    if not function:
        return True
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    )


def test_all_sixty_four_promises_are_there_once() -> None:
    assert [row[0] for row in rows()] == list(range(1, 65))


def test_every_row_has_words_a_known_stage_and_a_known_state() -> None:
    for number, promise, stage, state, _ in rows():
        assert len(promise) > 15, number
        assert {part.strip() for part in stage.split(",")} <= STAGES, (number, stage)
        assert state in STATES, (number, state)


def test_every_named_test_exists() -> None:
    missing = [(number, name) for number, *_, tests in rows() for name in tests if not exists(name)]
    assert missing == []


def test_nothing_is_called_working_or_partly_working_without_a_test() -> None:
    bare = [number for number, _, _, state, tests in rows() if state in {"working", "partly"} and not tests]
    assert bare == []
    loose = [
        number for number, _, _, state, tests in rows() if state == "working" and not any("::" in t for t in tests)
    ]
    assert loose == []
