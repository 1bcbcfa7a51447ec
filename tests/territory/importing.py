"""Small spreadsheets for the tests of imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.territory.engine.identifiers import org_check, uscc_check
from anlan.territory.models import Import
from anlan.territory.services import imports as act
from anlan.territory.sources.registers import register

UNIT = (
    "uscc",
    "name",
    "division",
    "address",
    "lon",
    "lat",
    "industry",
    "size",
    "staff",
    "phone",
    "flags",
    "established",
)
NODE = Actor.system("test")
CLERK = Actor("person", "巩义登记员", Scope(("410181",)), roles=frozenset({"registrar"}))


def uscc(number: int, area: str = "410181") -> str:
    """Return the number-th valid credit code of an area."""
    body = f"MA{number:06d}"
    first = f"91{area}{body}{org_check(body)}"
    return first + uscc_check(first)


def unit(number: int, **changes: Any) -> dict[str, Any]:
    """Return one unit's cells by field."""
    row = {
        "uscc": uscc(number), "name": f"示例单位{number}号店", "division": "410181100000", "address": f"第{number}号院",
        "lon": 113.03, "lat": 34.75, "industry": "F5211", "size": "小型", "staff": number % 50, "phone": f"100{number:08d}",
        "flags": "燃气", "established": "2020-01-05",
    }  # fmt: skip
    return {**row, **changes}


def sheet(path: Path, rows: list[dict[str, Any]], name: str = "units") -> Path:
    """Write rows under the register's Chinese headings; keys that are no field are headings themselves."""
    found = register(name).by_name
    keys = list(dict.fromkeys(key for row in rows for key in row))
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet()
    page.write_row(0, 0, [found[key].zh if key in found else key for key in keys])
    for place, row in enumerate(rows, start=1):
        for at, key in enumerate(keys):
            cell = row.get(key)
            if isinstance(cell, str):
                page.write_string(place, at, cell)
            elif cell is not None:
                page.write(place, at, cell)
    book.close()
    return path


def bring(path: Path, name: str = "units", *, by: Actor = NODE, **options: Any) -> Import:
    """Open, check and apply a file."""
    batch = act.import_open(by=by, register=name, file_name=path.name, source=path, options={"apply": True, **options})
    return act.import_check(by=by, batch=batch.pk)
