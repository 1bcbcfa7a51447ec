"""Excel in: a sheet as columns of text, through calamine; refused before unpacking when it would burst."""

from __future__ import annotations

import zipfile
from pathlib import Path

import fastexcel
import pyarrow as pa

from anlan.territory.formats.tables import MOST_ROWS, Table, must_be_narrow, refuse

MOST_UNPACKED = 6 * 1024**3
MOST_RATIO = 200
MOST_PARTS = 5000


def must_be_sound(path: Path) -> None:
    """Refuse a zip that unpacks to too much, or isn't one (old .xls files are none and are left to the reader)."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    size, packed = sum(part.file_size for part in parts), max(path.stat().st_size, 1)
    if len(parts) > MOST_PARTS or size > MOST_UNPACKED or (size > 256 * 1024**2 and size / packed > MOST_RATIO):
        raise refuse(
            "bomb",
            f"工作簿解开后有{size // 1024**2}MB（{len(parts)}个部分），不予读取；请另存为新的工作簿或CSV。",
            f"The workbook unpacks to {size // 1024**2} MB in {len(parts)} parts and is not read; save it anew, or as CSV.",
            size,
        )


def sheets(path: Path) -> list[str]:
    """Return the names of the workbook's sheets."""
    must_be_sound(path)
    return list(_reader(path).sheet_names)


def read(path: Path, *, sheet: str = "") -> Table:
    """Return a sheet ("": the first) with all its rows, those above the heading too, so that rows count as in Excel."""
    must_be_sound(path)
    reader = _reader(path)
    names = list(reader.sheet_names)
    if sheet and sheet not in names:
        raise refuse(
            "sheet",
            f"没有工作表“{sheet}”；有：{'、'.join(names)}。",
            f"There is no sheet “{sheet}”; there are: {', '.join(names)}.",
            sheet,
        )
    chosen = sheet or names[0]
    try:
        loaded = reader.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string", schema_sample_rows=1)
    except fastexcel.FastExcelError as failure:
        raise refuse("broken", f"读不出工作表：{failure}", f"The sheet can't be read: {failure}", chosen) from None
    must_be_narrow(loaded.width)
    if loaded.height > MOST_ROWS:
        raise refuse("long", f"超过{MOST_ROWS}行。", f"More than {MOST_ROWS} rows.", loaded.height)
    batch: pa.RecordBatch = loaded.to_arrow()
    return Table(batches=iter([batch]), sheet=chosen)


def _reader(path: Path) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as failure:
        raise refuse("broken", f"不是可读的工作簿：{failure}", f"Not a workbook that can be read: {failure}") from None
