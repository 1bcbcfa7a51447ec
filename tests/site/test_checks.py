"""The whole run: every test file is in one piece, what takes longest begins first, and what fails is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path

import pytest

from anlan.site import check_tests
from anlan.site.check_tests import Job

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_file_is_in_one_piece_and_every_time_is_of_a_file() -> None:
    pieces = [word for job in check_tests.jobs(ROOT) for word in job.words if word.endswith(".py")]
    assert sorted(pieces) == sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))
    assert set(check_tests.SECONDS) <= set(pieces)
    assert {f"tests/browser/test_{name}.py" for name in check_tests.COUNTY} <= set(pieces)


def test_a_piece_is_cut_where_it_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_tests, "SECONDS", {"b": 200.0, "d": 100.0, "e": 47.0})
    assert list(check_tests.cut("abcdef")) == [["a"], ["b"], ["c", "d"], ["e", "f"]]


def test_all_is_done_the_longest_first_and_what_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_tests, "LINES", 1)

    def job(name: str, code: int, seconds: float) -> Job:
        return Job(name, (sys.executable, "-c", f"print('made {name}'); raise SystemExit({code})"), tmp_path, seconds)

    @contextmanager
    def server() -> Iterator[dict[str, str]]:
        yield {}

    found = [job("one", 0, 1.0), job("two", 3, 2.0), job("none", check_tests.NO_TESTS, 3.0)]
    assert check_tests.run(found, (server() for _ in count())) == ["none", "two"]
    said = capfd.readouterr().out
    assert said.index("made none") < said.index("made two") < said.index("made one")


def test_what_would_never_end_is_ended_and_tells_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_tests, "LIMIT_S", 2.0)
    words = (sys.executable, "-c", "import threading\ndef resting(): threading.Event().wait()\nresting()")
    assert check_tests.run([Job("hangs", words, tmp_path, 1.0)], iter([nullcontext({}), nullcontext({})])) == ["hangs"]
    assert "in resting" in capfd.readouterr().out
