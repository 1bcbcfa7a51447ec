"""The code tables shipped with Anlan, read once: element ids of SL 651, factor codes of HJ 212."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from anlan.monitoring.formats.code_table import Meaning, Table, parse_table

FOLDER = Path(__file__).resolve().parents[1] / "rules" / "codes"


@cache
def code_table(name: str) -> Table:
    """Return table `name` ("sl651_elements", "hj212_factors"). Raises Invalid when the file is broken."""
    file = FOLDER / f"{name}.yaml"
    return parse_table(file.read_text(encoding="utf-8"), file.name)


@cache
def named_elements() -> Mapping[str, Meaning]:
    """Return our element codes → what the tables call them; where both do, SL 651's name stands."""
    tables = (code_table("hj212_factors"), code_table("sl651_elements"))
    return {meaning.element: meaning for table in tables for meaning in table.values() if meaning.element}
