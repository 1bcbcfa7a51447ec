"""GeoJSON in: features as columns of text, points as lon and lat; read piece by piece, never whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from anlan.territory.formats.tables import MOST_COLUMNS, Table, must_be_narrow, refuse

STEP = 1 << 20
MOST_FEATURE = 8 << 20
BATCH_ROWS = 8192
LON, LAT = "lon", "lat"


def read(path: Path) -> Table:
    """Return the features' properties, with `lon` and `lat` of points; the columns are those of the first features."""
    rows = _rows(path)
    first = list(islice(rows, BATCH_ROWS))
    names = list(dict.fromkeys(name for row in first for name in row))
    must_be_narrow(len(names))

    def batches() -> Iterator[pa.RecordBatch]:
        part = first
        while part:
            columns = [pa.array([row.get(name) for row in part], pa.string()) for name in names]
            yield pa.RecordBatch.from_arrays(columns, names=names)
            part = list(islice(rows, BATCH_ROWS))

    return Table(batches=batches(), names=names)


def _rows(path: Path) -> Iterator[dict[str, str | None]]:
    for feature in features(path):
        properties = feature.get("properties") or {}
        row = {str(name): _text(value) for name, value in list(properties.items())[:MOST_COLUMNS]}
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point" and len(geometry.get("coordinates") or ()) >= 2:
            row[LON], row[LAT] = (_text(value) for value in geometry["coordinates"][:2])
        if "id" in feature:
            row.setdefault("id", _text(feature["id"]))
        yield row


def features(path: Path) -> Iterator[dict[str, Any]]:
    """Give the features of a collection (or of a file with one feature a line) one by one."""
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        text = file.read(STEP)
        start = text.find("[", max(text.find('"features"'), 0)) + 1 if '"features"' in text else 0
        text = text[start:]
        while True:
            text = text.lstrip(" \t\r\n,\x1e")
            if not text or text[0] == "]":
                more = file.read(STEP) if not text else ""
                if not more:
                    return
                text = more
                continue
            try:
                found, end = decoder.raw_decode(text)
            except json.JSONDecodeError as failure:
                more = file.read(STEP)
                if not more or len(text) > MOST_FEATURE:
                    raise refuse("broken", f"GeoJSON 不完整：{failure}", f"The GeoJSON is broken: {failure}") from None
                text += more
                continue
            if not isinstance(found, dict):
                raise refuse("broken", "GeoJSON 中有不是要素的内容。", "The GeoJSON holds what is no feature.")
            yield found
            text = text[end:]


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
