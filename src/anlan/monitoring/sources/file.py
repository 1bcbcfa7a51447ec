"""Readings from a CSV file: `anlan readings take FILE`."""

from __future__ import annotations

from pathlib import Path

from anlan.kernel.actor import Actor
from anlan.kernel.problem import NotFound
from anlan.monitoring.formats.readings_csv import Parsed, parse_csv
from anlan.monitoring.services import TakeReport, readings_take


def take_file(path: Path, *, by: Actor) -> tuple[TakeReport, Parsed]:
    """Take the readings of a file; return what became of them and which rows were wrong. Safe to repeat."""
    if not path.is_file():
        raise NotFound(
            code="readings.no_file",
            zh=f"没有文件 {path}；请检查路径。",
            en=f"There is no file {path}; check the path.",
            field="file",
            value=path,
        )
    parsed = parse_csv(path.read_bytes())
    return readings_take(by=by, rows=parsed.rows, source=f"file:{path.name}"[:128]), parsed
