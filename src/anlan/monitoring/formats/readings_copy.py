"""Readings as PostgreSQL's binary COPY gives and takes them: fixed rows of 40 bytes, no object made for any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from anlan.monitoring.engine.columns import Columns, columns

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
SINCE_2000 = 946_684_800_000_000  # microseconds from 1970 to 2000, where PostgreSQL counts from
_ROW = np.dtype(
    [("fields", ">i2"), ("n1", ">i4"), ("series", ">i4"), ("n2", ">i4"), ("at", ">i8"), ("n3", ">i4"),
     ("value", ">f8"), ("n4", ">i4"), ("quality", ">i2")]
)  # fmt: skip
ROW_BYTES = _ROW.itemsize


def rows_bytes(rows: Columns) -> bytes:
    """Return rows (series int4, at timestamptz, value float8, quality int2) to be put between HEAD and TAIL."""
    out = np.empty(len(rows), _ROW)
    out["fields"], out["n1"], out["n2"], out["n3"], out["n4"] = 4, 4, 8, 8, 2
    out["series"], out["at"], out["value"], out["quality"] = (
        rows.series,
        rows.at - SINCE_2000,
        rows.value,
        rows.quality,
    )
    return out.tobytes()


def framed(rows: Columns) -> bytes:
    """Return rows as a whole COPY."""
    return HEAD + rows_bytes(rows) + TAIL


def stream(parts: Iterable[bytes | memoryview], most: int) -> Iterator[Columns]:
    """Read a COPY that comes in parts, `most` rows at a time."""
    kept, skip = bytearray(), len(HEAD)
    for part in parts:
        kept += part
        if skip and len(kept) >= skip:
            del kept[:skip]
            skip = 0
        while not skip and len(kept) >= most * ROW_BYTES + len(TAIL):
            yield rows_read(bytes(kept[: most * ROW_BYTES]))
            del kept[: most * ROW_BYTES]
    if not skip and len(kept) > len(TAIL):
        yield rows_read(bytes(kept[: -len(TAIL)]))


def rows_read(body: bytes) -> Columns:
    """Return what such rows say; `body` without head and tail. A length that doesn't fit raises ValueError."""
    found = np.frombuffer(body, _ROW)
    if len(found) and not bool((found["fields"] == 4).all()):
        raise ValueError("rows of readings have four fields")
    return columns(found["series"], found["at"].astype(np.int64) + SINCE_2000, found["value"], found["quality"])
