"""An empty workbook for a register: headings, choices to pick, hints as notes, an example row, a heading that is locked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from anlan.territory import choices
from anlan.territory.choices import Choice
from anlan.territory.engine.register import Field, Register

ROWS = 100_000
LISTS = {True: "选项", False: "Choices"}
EXAMPLE = {True: "示例", False: "Example"}
NONE: Mapping[str, Any] = {}
WIDTHS = {"name": 32, "text": 36, "uscc": 22, "flags": 24, "division": 16, "organisation": 20, "citizen": 22}


def template(
    register: Register,
    language: str,
    *,
    attributes: Sequence[Field] = (),
    tables: Mapping[str, Mapping[str, Choice]] = NONE,
) -> bytes:
    """Return the workbook in Chinese ("zh") or English. The data sheet holds the heading and one example row, which an
    import leaves out; the second sheet holds the lists. `attributes`: further columns; `tables`: lists they choose from
    that are not in `choices.py`."""
    chinese = language.startswith("zh")
    fields = [item for item in register.importable() if item.kind != "attributes"]
    fields += attributes
    import xlsxwriter  # slow to load, and few processes write workbooks

    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(register.zh if chinese else register.en)
    lists = book.add_worksheet(LISTS[chinese])
    styles = {
        "text": book.add_format({"num_format": "@", "locked": False}),
        "head": book.add_format({"bold": True, "bg_color": "#dfe6ec", "border": 1, "locked": True}),
        "must": book.add_format({"bold": True, "bg_color": "#f3d9c9", "border": 1, "locked": True}),
        "example": book.add_format({"italic": True, "font_color": "#5b6770", "num_format": "@", "locked": False}),
    }
    for place, item in enumerate(fields):
        _column(sheet, lists, place, item, _table(item, tables), styles, chinese)
    sheet.freeze_panes(1, 0)
    sheet.protect(
        "", {"format_columns": True, "insert_rows": True, "delete_rows": True, "sort": True, "autofilter": True}
    )
    lists.protect()
    book.close()
    return body.getvalue()


def _column(
    sheet: Any,
    lists: Any,
    place: int,
    item: Field,
    table: Mapping[str, Choice],
    styles: Mapping[str, Any],
    chinese: bool,
) -> None:
    heading = item.heading(chinese) + (" *" if item.required else "")
    sheet.set_column(place, place, WIDTHS.get(item.kind, 14), styles["text"])
    sheet.write_string(0, place, heading, styles["must" if item.required else "head"])
    note = _note(item, chinese)
    if note:
        sheet.write_comment(0, place, note, {"x_scale": 2})
    if item.example:
        sheet.write_string(1, place, item.example, styles["example"])
    if table:
        words = [choice.zh if chinese else choice.en for choice in table.values()]
        lists.write_column(0, place, [item.heading(chinese), *words])
        if item.kind == "choice":
            letter = _letters(place)
            source = f"='{LISTS[chinese]}'!${letter}$2:${letter}${len(words) + 1}"
            sheet.data_validation(
                1, place, ROWS, place, {"validate": "list", "source": source, "error_type": "warning"}
            )


def _table(item: Field, tables: Mapping[str, Mapping[str, Choice]]) -> Mapping[str, Choice]:
    if not item.choices:
        return NONE
    own = tables.get(item.choices)
    table: Mapping[str, Choice] = getattr(choices, item.choices) if own is None else own
    return table


def _note(item: Field, chinese: bool) -> str:
    parts = [item.hint_zh if chinese else item.hint_en]
    if item.required:
        parts.append("必填" if chinese else "Required")
    if item.unit:
        parts.append(f"单位：{item.unit}" if chinese else f"Unit: {item.unit}")
    if item.kind == "date":
        parts.append("如 2026-01-05" if chinese else "As 2026-01-05")
    if item.most is not None and item.kind in ("int", "float"):
        parts.append(f"{item.least or 0:g} – {item.most:g}")
    return "\n".join(part for part in parts if part)


def _letters(place: int) -> str:
    found = ""
    while place >= 0:
        found, place = chr(ord("A") + place % 26) + found, place // 26 - 1
    return found
