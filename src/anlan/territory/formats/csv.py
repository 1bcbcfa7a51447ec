"""CSV in: UTF-8, UTF-16 or GB 18030 by looking, separator by looking; in batches."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from anlan.kernel.problem import Invalid
from anlan.territory.formats.tables import Table, must_be_narrow, refuse

LOOK = 1 << 20
BLOCK = 4 << 20
SEPARATORS = ",\t;|"


def encoding_of(path: Path) -> str:
    """Return utf-8, utf-16 or gb18030: the first in which the beginning, the middle and the end of the file are text."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(LOOK)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        parts = [head]
        for start in (size // 2, max(size - LOOK, 0)):
            file.seek(start)
            parts.append(file.read(LOOK))
    return "utf-8" if all(_is_utf8(part) for part in parts) else "gb18030"


def _is_utf8(part: bytes) -> bool:
    """Is this cut of a file UTF-8, its torn ends apart?"""
    inner = part.lstrip(bytes(range(0x80, 0xC0))) if part[:1] >= b"\x80" else part
    try:
        codecs.getincrementaldecoder("utf-8")().decode(inner, final=False)
    except UnicodeDecodeError:
        return False
    return True


def separator_of(head: str) -> str:
    """Return the separator that most of the first lines have most of, quoted text left out."""
    counts = Counter[str]()
    for line in head.splitlines()[:20]:
        bare = "".join(line.split('"')[::2])
        counts.update({sign: bare.count(sign) for sign in SEPARATORS})
    return max(SEPARATORS, key=lambda sign: counts[sign])


def read(path: Path, *, encoding: str = "", separator: str = "") -> Table:
    """Return the file as text columns c0, c1, ...; the heading is the first row or one of those after it."""
    chosen = encoding or encoding_of(path)
    with path.open(encoding=chosen, errors="replace", newline="") as file:
        head = file.read(LOOK)
    sign = separator or separator_of(head)
    width = _width(head, sign)
    must_be_narrow(width)
    names = [f"c{place}" for place in range(width)]
    return Table(batches=_batches(path, chosen, sign, names))


def _batches(path: Path, encoding: str, sign: str, names: list[str]) -> Iterator[pa.RecordBatch]:
    odd: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        odd.append(row)
        return "error"

    try:
        for batch in arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                column_names=names, encoding=encoding, block_size=BLOCK, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=sign, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        ):
            yield pa.RecordBatch.from_arrays([_armed(column) for column in batch.columns], names=names)
    except (pa.ArrowInvalid, UnicodeError) as failure:
        if odd:
            raise _ragged(odd[0]) from None
        raise refuse("broken", f"读不出CSV：{failure}", f"The CSV can't be read: {failure}") from None


def _armed(column: pa.Array) -> pa.Array:
    """Take away the apostrophe that an export puts before what a spreadsheet would run as a formula."""
    if not pc.any(pc.starts_with(column, "'")).as_py():
        return column
    return pc.replace_substring_regex(column, r"^'([=@+\-\t\r])", r"\1")


def _ragged(row: arrow_csv.InvalidRow) -> Invalid:
    return refuse(
        "row_width",
        f"第{row.number}行有{row.actual_columns}列，其他行有{row.expected_columns}列；请检查分隔符与引号。",
        f"Row {row.number} has {row.actual_columns} cells, the others {row.expected_columns}; check separators and quotes.",
        row.number,
    )


def _width(head: str, sign: str) -> int:
    widths = Counter(len(row) for row in islice(csv.reader(io.StringIO(head, newline=""), delimiter=sign), 50) if row)
    return widths.most_common(1)[0][0] if widths else 1
