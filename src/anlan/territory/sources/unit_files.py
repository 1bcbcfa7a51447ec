"""Writing generated units into a file as senders would: the template's columns, clean or with known dirt. No database."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from anlan.kernel.problem import Invalid
from anlan.territory.engine.dirt import Dirty, dirt_drawn, soiled
from anlan.territory.engine.masses import units_make
from anlan.territory.engine.patches import patch_of, units_allotted
from anlan.territory.engine.register import Register
from anlan.territory.engine.sheet_columns import as_text, sheet_batch, sheet_kinds
from anlan.territory.engine.spec import World
from anlan.territory.formats.excel_out import MOST_ROWS, SheetWriter
from anlan.territory.sources.registers import register
from anlan.territory.sources.trades import unit_mix

FORMATS = (".xlsx", ".csv", ".parquet")
REPORT = ("row", "key", "kind", "field", "before", "after")
Say = Callable[[str, int, int], None]


class Written(NamedTuple):
    """What was written: rows, how many of them dirty by kind, and the list of the dirty ones (None: a clean file)."""

    file: str
    rows: int
    dirty: dict[str, int]
    report: str | None


class Soil(NamedTuple):
    """A batch with its dirt: `touched` per field, None when it is clean and typed."""

    batch: pa.RecordBatch
    done: list[Dirty]
    touched: dict[str, NDArray[np.bool_]] | None


def units_file(world: World, path: Path, *, total: int, dirty: float = 0.0, say: Say | None = None) -> Written:
    """Write `total` units of a world to an .xlsx, .csv or .parquet file, township by township; `dirty` is the share of
    rows made dirty (0 to 1), listed in `<file>.dirty.csv` with the row as the file counts (heading = 1).

    The file appears only when it is whole. Invalid for another ending, or for more rows than a sheet holds.
    """
    _must_fit(path, total)
    described, counts = register("units"), units_allotted(world, total)
    part, listed = path.with_name(path.name + ".part"), path.with_name(path.name + ".dirty.csv")
    kinds: dict[str, int] = {}
    at = 0
    with ExitStack() as stack:
        write = stack.enter_context(_Writer(part, described, loose=dirty > 0))
        report = csv.writer(stack.enter_context(listed.open("w", encoding="utf-8", newline=""))) if dirty else None
        if report:
            report.writerow(REPORT)
        for soil in batches(world, described, counts, dirty):
            write.batch(soil)
            for item in soil.done:
                kinds[item.kind] = kinds.get(item.kind, 0) + 1
                report.writerow((at + item.row + 2, *item[1:])) if report else None
            at += soil.batch.num_rows
            if say:
                say("units", at, total)
    part.replace(path)
    return Written(str(path), at, kinds, str(listed) if dirty else None)


def batches(world: World, described: Register, counts: dict[str, int], dirty: float) -> Iterator[Soil]:
    """Yield the units of each township, field names, all text when `dirty` > 0."""
    mix = unit_mix()
    for township, count in counts.items():
        index = np.arange(count)
        made = units_make(world.seed, patch_of(world, township), mix, index)
        if not dirty:
            yield Soil(made, [], None)
            continue
        labelled = sheet_batch(described, made)
        names = [field.name for field in described.importable()]
        text = as_text(pa.record_batch(labelled.columns, names=names))
        drawn = dirt_drawn(world.seed, township, index, dirty)
        yield Soil(*soiled(text, made.column("key").to_pylist(), drawn))


class _Writer:
    """One open file of any of the formats."""

    def __init__(self, path: Path, described: Register, *, loose: bool) -> None:
        self.kind = Path(path.stem).suffix  # units.xlsx.part
        self.fields = described.importable()
        self.headings = [field.zh for field in self.fields]
        self.described, self.loose, self.path = described, loose, path
        self.open: Any = None

    def __enter__(self) -> _Writer:
        self.file = self.path.open("wb")
        if self.kind == ".xlsx":
            kinds = sheet_kinds(self.described)
            self.open = SheetWriter(self.file, self.headings, kinds, self.described.zh).__enter__()
        return self

    def batch(self, soil: Soil) -> None:
        """Append a batch."""
        rows = soil.batch if self.loose else sheet_batch(self.described, soil.batch)
        rows = pa.record_batch(rows.columns, names=self.headings)
        if self.kind == ".xlsx":
            touched = soil.touched or {}
            loose = {f.zh: pa.array(touched[f.name]) for f in self.fields if f.name in touched}
            self.open.write(rows, loose)
            return
        if self.open is None:
            make = parquet.ParquetWriter if self.kind == ".parquet" else arrow_csv.CSVWriter
            if self.kind == ".csv":
                self.file.write(b"\xef\xbb\xbf")  # so that spreadsheet programs read it as UTF-8
            self.open = make(self.file, rows.schema)
        self.open.write(rows)

    def __exit__(self, kind: Any, fault: Any, at: Any) -> None:
        if self.kind == ".xlsx":
            self.open.__exit__(kind, fault, at)
        elif self.open is not None:
            self.open.close()
        self.file.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)


def _must_fit(path: Path, total: int) -> None:
    if path.suffix not in FORMATS:
        raise Invalid(
            code="territory.file_format",
            zh=f"不认识的文件格式“{path.suffix}”；请用 {'、'.join(FORMATS)}。",
            en=f"There is no format “{path.suffix}” here; take one of {', '.join(FORMATS)}.",
            field="file",
            value=path.name,
        )
    if path.suffix == ".xlsx" and total > MOST_ROWS:
        raise Invalid(
            code="territory.file_rows",
            zh=f"一张工作表最多{MOST_ROWS}行；请用 .csv 或 .parquet。",
            en=f"A sheet holds {MOST_ROWS} rows at most; write .csv or .parquet.",
            field="units",
            value=total,
        )
