"""The first rows of a workbook without reading the rest: what the mapping page shows of a large file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from anlan.territory.formats.excel import must_be_sound

STEP = 1 << 16
MOST_READ = 8 << 20
_COLUMN = re.compile(r"([A-Z]{1,3})(\d+)")
Rows = list[list[str | None]]


def peek(path: Path, *, sheet: str = "", rows: int = 30) -> tuple[Rows, list[str]] | None:
    """Return the first rows of a sheet (numbered from 1, empty ones too) and the names of all sheets; None when the file
    is none of ours to peek into (old .xls, .ods) or hides its first rows behind megabytes of others."""
    must_be_sound(path)
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = _sheets(archive)
            chosen = names.get(sheet) if sheet else next(iter(names.values()), None)
            if chosen is None:
                return None
            cells = _cells(archive, chosen, rows)
            words = _words(archive, {int(text) for _, _, kind, text in cells if kind == "s" and text.isdigit()})
    except (KeyError, ParseError, zipfile.BadZipFile, ValueError):
        return None
    return _grid(cells, words), list(names)


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name → part of the archive."""
    book = dict(_parts(archive, "xl/workbook.xml", "sheet", ("name", "id")))
    places = dict(_parts(archive, "xl/_rels/workbook.xml.rels", "Relationship", ("Id", "Target")))
    return {name: _path(places[rel]) for name, rel in book.items() if rel in places}


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else "xl/" + target


def _parts(archive: zipfile.ZipFile, part: str, tag: str, keys: tuple[str, str]) -> Iterator[tuple[str, str]]:
    with archive.open(part) as file:
        for element in _elements(file, tag):
            found = {
                name.rpartition("}")[2]: value for name, value in element.items() if name.rpartition("}")[2] in keys
            }
            if tag == "sheet":  # both "sheetId" and "r:id" are there; only the second ends in "id"
                found["id"] = next((v for k, v in element.items() if k.endswith("}id")), "")
            yield found[keys[0]], found[keys[1]]


def _elements(file: IO[bytes], tag: str) -> Iterator[Element]:
    parser: Any = XMLPullParser(("end",))
    read = 0
    while (part := file.read(STEP)) and read < MOST_READ:
        read += len(part)
        parser.feed(part)
        for _, element in parser.read_events():
            if element.tag.rpartition("}")[2] == tag:
                yield element
                element.clear()


def _cells(archive: zipfile.ZipFile, part: str, rows: int) -> list[tuple[int, int, str, str]]:
    """Return (row, column, kind, text) of the cells of the first rows; both count from 0."""
    found: list[tuple[int, int, str, str]] = []
    with archive.open(part) as file:
        for row in _elements(file, "row"):
            number = int(row.get("r") or len(found) + 1)
            if number > rows:
                break
            for cell in row:
                place = _COLUMN.fullmatch(cell.get("r") or "")
                text = "".join(t.text or "" for t in cell.iter() if t.tag.rpartition("}")[2] in ("v", "t"))
                if place and text:
                    found.append((number - 1, _index(place[1]), cell.get("t") or "n", text))
    return found


def _index(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value - 1


def _words(archive: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    if not wanted:
        return {}
    found: dict[int, str] = {}
    with archive.open("xl/sharedStrings.xml") as file:
        for place, element in enumerate(_elements(file, "si")):
            if place in wanted:
                found[place] = "".join(t.text or "" for t in element.iter() if t.tag.rpartition("}")[2] == "t")
            if place >= max(wanted):
                break
    return found


def _grid(cells: list[tuple[int, int, str, str]], words: dict[int, str]) -> Rows:
    height, width = max((c[0] for c in cells), default=-1) + 1, max((c[1] for c in cells), default=-1) + 1
    grid: Rows = [[None] * width for _ in range(height)]
    for row, column, kind, text in cells:
        grid[row][column] = words.get(int(text), "") if kind == "s" else text
    return grid
