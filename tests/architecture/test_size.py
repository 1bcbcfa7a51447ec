"""Files and functions stay small enough to be read in one sitting."""

from __future__ import annotations

from tests.architecture.house import ROOT, functions, python, tracked, where

FAULT, LONG = 500, 300
LONG_FUNCTION = 60

# Files allowed to be over 300 lines, and why. Nothing may be over 500.
ALLOWED: dict[str, str] = {
    "anlan": "the bootstrap is one file so that it can be read before it is trusted",
}
CODE = {".py", ".ts", ".css", ".html", ".typ", ""}


def lines(path: str) -> int:
    return (ROOT / path).read_text("utf-8").count("\n")


def code_files() -> list[str]:
    found = [path for path in tracked() if path.suffix in CODE - {""} or path.name == "anlan"]
    return [str(p.relative_to(ROOT)) for p in found if "migrations" not in p.parts and "data" not in p.parts]


def test_no_file_over_500_lines() -> None:
    assert {path: lines(path) for path in code_files() if lines(path) > FAULT} == {}


def test_a_file_over_300_lines_has_a_reason() -> None:
    assert {path: lines(path) for path in code_files() if lines(path) > LONG and path not in ALLOWED} == {}


def test_no_reason_outlives_its_file() -> None:
    assert [path for path in ALLOWED if not (ROOT / path).is_file()] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{where(path, node)} {node.name}: {(node.end_lineno or node.lineno) - node.lineno + 1}"
        for path in python()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONG_FUNCTION
    ]
    assert long == []
