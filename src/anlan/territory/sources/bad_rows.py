"""The rows of a file that have faults, as they came, with the reasons beside them: to be mended and sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from anlan.kernel.options import options as node
from anlan.kernel.problem import Unavailable
from anlan.territory.formats.excel_out import SheetWriter
from anlan.territory.sources.home import open_columns
from anlan.territory.sources.reading import about_of, read_file

REASONS = "需修正（To mend）"
SHEET = "需修正"


def write_bad_rows(
    file: Path,
    columns: Path,
    out: Path,
    *,
    register: str,
    kind: str,
    options: Mapping[str, Any],
    reasons: Mapping[int, Sequence[str]],
) -> None:
    """Write `out`, a workbook. `columns` are the text columns of `file`, read anew where they are gone; `reasons` by the
    file's own row number. Unavailable when the file itself is no longer kept."""
    found = open_columns(columns)
    if found is None:
        if not file.exists():
            raise Unavailable(
                code="import.file_gone", zh="原文件已不再保存，无法生成。", en="The file is no longer kept.", field="file", value=file.name
            )  # fmt: skip
        read_file(file, columns, register=register, kind=kind, options=options, memory_mb=int(node.import_memory_mb))
        found = open_columns(columns)
    assert found is not None  # noqa: S101 - read_file leaves a whole file or raises
    about = about_of(found)
    wanted = np.array(sorted(reasons), np.int64)
    fresh = out.with_suffix(".part")
    with fresh.open("wb") as sink, SheetWriter(sink, [REASONS, *about["header"]], {}, SHEET) as sheet:
        row = int(about["first_row"])
        for place in range(found.num_record_batches):
            batch = found.get_batch(place)
            mine = wanted[(wanted >= row) & (wanted < row + batch.num_rows)]
            if len(mine):
                words = pa.array(["；".join(reasons[number]) for number in mine.tolist()], pa.string())
                picked = batch.take(pa.array(mine - row))
                sheet.write(pa.RecordBatch.from_arrays([words, *picked.columns], names=[REASONS, *about["header"]]))
            row += batch.num_rows
    fresh.replace(out)
