"""`anlan cap check` and `roundtrip`: one JSON line a file, exit 0 when it ran, folders walked, what can't be read told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from anlan.site.cli import app
from tests.warning.cap.messages import raw

DATA = Path(__file__).parent / "data"


def lines(*words: str) -> list[dict[str, Any]]:
    run = CliRunner().invoke(app, ["cap", *words])
    assert run.exit_code == 0, run.output
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_check_prints_a_line_for_every_file_of_a_folder() -> None:
    found = lines("check", str(DATA))
    assert [Path(line["file"]).name for line in found] == sorted(path.name for path in DATA.iterdir())
    by_name = {Path(line["file"]).name: line for line in found}
    assert set(by_name["own_broken.xml"]) == {"file", "verdict", "kind", "version", "findings"}
    assert by_name["own_broken.xml"]["verdict"] == "invalid"
    assert by_name["SOURCES.md"]["kind"] == "other"
    first = by_name["own_broken.xml"]["findings"][0]
    assert {"code", "severity", "path", "message"} <= set(first)


def test_the_mode_decides_the_verdict() -> None:
    (found,) = lines("check", str(DATA / "own_broken.xml"), "--mode", "record")
    assert found["verdict"] == "accepted_with_findings"
    assert any(one.get("repair") for one in found["findings"])
    assert CliRunner().invoke(app, ["cap", "check", str(DATA), "--mode", "loose"]).exit_code == 2


def test_what_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / "locked.xml"
    locked.write_bytes(raw())
    good = Path.open

    def refuse(self: Path, *given: Any, **more: Any) -> Any:
        if self == locked:
            raise PermissionError(13, "Permission denied")
        return good(self, *given, **more)

    monkeypatch.setattr(Path, "open", refuse)
    found = lines("check", str(tmp_path / "missing.xml"), str(tmp_path))
    assert [(one["verdict"], one["findings"][0]["code"]) for one in found] == [("invalid", "unreadable")] * 2


def test_roundtrip_says_what_changed() -> None:
    found = {Path(line["file"]).name: line for line in lines("roundtrip", str(DATA))}
    assert found["google__cap-library__thunderstorm.cap"]["same"] is True
    assert found["own_bundle.xml"]["messages"] == 2
    broken = found["own_broken.xml"]
    assert broken["same"] is False
    assert "/alert/sent=2021-07-19T13:59:00Z" in broken["lost"]
    assert "/alert/sent=2021-07-19T13:59:00-00:00" in broken["added"]
    assert broken["repairs"]
    assert broken["kept"]
    assert found["SOURCES.md"]["same"] is False
