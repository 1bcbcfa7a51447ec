"""A list of divisions as CSV (区划代码表): one row a division, code and name; codes official (6, 9, 12 digits) or prefix.

Columns, by their English or a usual Chinese heading, in any order: code, name, name_en, parent, legal_parent, level,
kind, lon, lat, coord_src, population, population_src. Only code and name must be there; others are left out by name.
UTF-8 with or without a byte order mark, else GB 18030.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from anlan.kernel.problem import Invalid
from anlan.territory import codes
from anlan.territory.choices import DIVISION_KINDS
from anlan.territory.engine.tree import Listed

NAME_CHARS, SOURCE_CHARS = 200, 16
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("代码", "区划代码", "统计用区划代码", "行政区划代码"),
    "name": ("名称", "区划名称", "行政区划名称", "name_zh"),
    "name_en": ("英文名称", "英文名"),
    "parent": ("上级", "上级代码", "父级代码"),
    "legal_parent": ("法定上级", "所属法定区划"),
    "level": ("级别", "层级"),
    "kind": ("类型", "类别"),
    "lon": ("经度", "longitude"),
    "lat": ("纬度", "latitude"),
    "coord_src": ("坐标来源",),
    "population": ("人口", "常住人口"),
    "population_src": ("人口来源",),
}
HEADING = {alias: name for name, aliases in HEADINGS.items() for alias in (name, *aliases)}


class ListFault(NamedTuple):
    """What is wrong with one cell: `row` as the file counts (heading = 1), what is wrong and how to mend it."""

    row: int
    column: str
    value: str
    zh: str
    en: str


class DivisionsFile(NamedTuple):
    """What a file holds: the entries without fault in code order, the row each stands in, the faults, and the headings
    nobody knows, which are left out."""

    rows: tuple[Listed, ...]
    lines: Mapping[str, int]
    faults: tuple[ListFault, ...]
    ignored: tuple[str, ...]


class _Bad(ValueError):
    """One cell can't be taken: column, value, Chinese and English words."""

    def __init__(self, column: str, value: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.cell = (column, value[:200], zh, en)


def read_divisions(data: bytes) -> DivisionsFile:
    """Return the entries and the faults of a CSV file; never raises for what the file holds."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.reader(text.splitlines())
    try:
        return _read(next(reader, []), enumerate(reader, start=2))
    except csv.Error as wrong:
        return _nothing(reader.line_num, "", str(wrong), "该行不是有效的CSV；请另存为CSV后重试。",
                        "This line is no CSV; save the table as CSV and send it again.")  # fmt: skip


def _read(header: list[str], lines: Iterable[tuple[int, list[str]]]) -> DivisionsFile:
    columns = {HEADING.get(title.strip().lower(), ""): at for at, title in reversed(list(enumerate(header)))}
    ignored = tuple(title for title in header if HEADING.get(title.strip().lower()) is None and title.strip())
    for need in ("code", "name"):
        if need not in columns:
            return _nothing(1, need, ",".join(header)[:200], f"缺少“{HEADINGS[need][0]}”列（{need}）；请补上该列。",
                            f"The column “{need}” is missing; add it.")  # fmt: skip
    rows: dict[str, Listed] = {}
    at_line: dict[str, int] = {}
    faults = []
    for line, cells in lines:
        named = {name: cells[at].strip() for name, at in columns.items() if name and at < len(cells)}
        if not any(named.values()):
            continue
        try:
            row = _row(named)
            if row.code in rows:
                raise _Bad("code", named["code"], f"代码与第{at_line[row.code]}行重复；请只保留一行。",
                           f"The code is also in row {at_line[row.code]}; keep one of them.")  # fmt: skip
            rows[row.code], at_line[row.code] = row, line
        except _Bad as bad:
            faults.append(ListFault(line, *bad.cell))
    if not rows and not faults:
        return _nothing(
            2, "code", "", "文件中没有任何区划；请选择区划代码表。", "The file names no division; choose a code list."
        )
    return DivisionsFile(tuple(rows[code] for code in sorted(rows)), at_line, tuple(faults), ignored)


def _row(cells: dict[str, str]) -> Listed:
    code = _code("code", cells.get("code", ""))
    name = cells.get("name", "")
    if not name or len(name) > NAME_CHARS:
        raise _Bad("name", name, f"名称应为1至{NAME_CHARS}个字。", f"A name has 1 to {NAME_CHARS} characters.")
    level, parent = cells.get("level", ""), cells.get("parent", "")
    if level and level != str(codes.level_of(code)):
        told = codes.level_of(code)
        raise _Bad(
            "level",
            level,
            f"代码{code}是第{told}级；请改正级别或代码。",
            f"The code {code} is of level {told}; mend level or code.",
        )
    kind = cells.get("kind", "") or codes.kind_of(code, name)
    if kind not in DIVISION_KINDS:
        raise _Bad(
            "kind",
            kind,
            f"类型不在代码表中；可用：{'、'.join(DIVISION_KINDS)}。",
            f"Take one of: {', '.join(DIVISION_KINDS)}.",
        )
    lon, lat = _point(cells)
    return Listed(
        code, name, cells.get("name_en", "")[:300], kind, _legal(code, parent, cells.get("legal_parent", "")),
        lon, lat, cells.get("coord_src", "")[:SOURCE_CHARS], _count(cells.get("population", "")),
        cells.get("population_src", "")[:SOURCE_CHARS],
    )  # fmt: skip


def _code(column: str, text: str) -> str:
    try:
        return codes.any_form(text)
    except Invalid as bad:
        raise _Bad(column, text, bad.zh, bad.en) from None


def _legal(code: str, parent: str, legal: str) -> str:
    """The legal parent: as said; of a zone, a parent other than the code's own is meant so, and silence is silence; of
    all others it is what the code tells."""
    above = codes.parent_of(code)
    told = _code("parent", parent) if parent else above
    if told != above and not codes.is_zone(code) and told != codes.legal_parent_of(code):
        raise _Bad("parent", parent, f"代码{code}的上级应为{above or '空'}；请改正上级或代码。",
                   f"The parent of {code} is {above or 'nothing'}; mend parent or code.")  # fmt: skip
    if legal:
        return _code("legal_parent", legal)
    if codes.is_zone(code) and codes.level_of(code) == codes.COUNTY:
        return told if told != above else ""
    return codes.legal_parent_of(code)


def _point(cells: dict[str, str]) -> tuple[float | None, float | None]:
    found: list[float | None] = []
    for column, most in (("lon", 180.0), ("lat", 90.0)):
        text = cells.get(column, "")
        try:
            value = float(text) if text else None
        except ValueError:
            value = float("nan")
        if value is not None and not -most <= value <= most:
            raise _Bad(
                column,
                text,
                f"应为WGS-84度数，-{most:.0f}至{most:.0f}。",
                f"Give degrees WGS-84, -{most:.0f} to {most:.0f}.",
            )
        found.append(value)
    return (None, None) if None in found else (found[0], found[1])


def _count(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**31):
        raise _Bad("population", text, "人口应为整数。", "Population is a whole number.")
    return int(text) if text else None


def _nothing(line: int, column: str, value: str, zh: str, en: str) -> DivisionsFile:
    return DivisionsFile((), {}, (ListFault(line, column, value, zh, en),), ())


def as_dict(fault: ListFault) -> dict[str, Any]:
    """Return a fault as plain values."""
    return fault._asdict()
